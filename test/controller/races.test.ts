import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Either, Exit, Fiber, Layer, Ref, Scope, Stream, TestClock } from "effect"
import type { PluginScripts } from "../../layers/plugins/ScriptedPluginHost.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import type { SessionState } from "../../src/domain/SessionState.ts"
import { type Call, Hooks } from "../support/HookedStore.ts"
import { projectRequest } from "../support/requests.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"
import { inWorld, leftInStaging, until, world, writeTemplates } from "../support/world.ts"

const slide = { id: "slide", label: "Slide", type: "integer", required: true } as const
const ask = { do: "ask", reason: "which slide?", fields: [slide] } as const
const plugins: PluginScripts = {
  asks: { moves: [ask] },
  asks_twice: { moves: [ask, ask] },
  hangs: { moves: [{ do: "hang" }] },
}

const isAnswer = (call: Call) =>
  call.name === "transition" && "promptId" in call.change && call.change.promptId !== undefined
const entering = (state: SessionState) => (call: Call) =>
  call.name === "transition" && call.change.to === state
const marking = (call: Call) => call.name === "markEnding"

const state = (id: SessionId) =>
  Effect.flatMap(CreationController, (controller) =>
    Effect.map(controller.status(id), (session) => session.state),
  )
const reaches = (id: SessionId, wanted: SessionState) =>
  until(
    `session in ${wanted}`,
    Effect.map(state(id), (now) => now === wanted),
  )

const openAsking = (templatePath: string, shortId = "P-1") =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const lims = { uid: "", shortId, nameAtCreation: "P", source: "live" } as const
    const { sessionId } = yield* controller.createProject(projectRequest({ templatePath, limsProject: lims }))
    yield* reaches(sessionId, "input_required")
    return sessionId
  })

const resume = (id: SessionId, promptId?: string) =>
  Effect.flatMap(CreationController, (controller) =>
    Effect.either(controller.resume(id, { slide: 1 }, { promptId })),
  )
const cancel = (id: SessionId, discardFiles = true) =>
  Effect.flatMap(CreationController, (controller) => Effect.either(controller.cancel(id, { discardFiles })))
const outcome = <A, E extends { readonly _tag: string }>(result: Either.Either<A, E>) =>
  Either.match(result, { onLeft: ({ _tag }) => _tag, onRight: () => "ok" })
const result = (id: SessionId) =>
  Effect.flatMap(CreationController, (controller) => Effect.either(controller.awaitResult(id)))

describe("answer against answer", () => {
  it.effect("the second finds the prompt answered, in whichever order they commit", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const hooks = yield* Hooks
        const id = yield* openAsking("asks_project")
        const overtaker = yield* Ref.make("none")
        yield* hooks.once({
          when: "before",
          matches: isAnswer,
          run: () => Effect.flatMap(Effect.orDie(resume(id)), (other) => Ref.set(overtaker, outcome(other))),
        })
        expect(outcome(yield* resume(id))).toMatch(/SessionNotAwaitingInput|SessionAlreadyCompleted/)
        expect(yield* overtaker).toBe("ok")
        expect(outcome(yield* result(id))).toBe("ok")
        expect(outcome(yield* resume(id))).toBe("SessionAlreadyCompleted")
      }),
    ),
  )

  it.effect("of 50 at once one is taken, and what it says is recorded", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const id = yield* openAsking("asks_project")
        const all = yield* Effect.forEach(
          Array.from({ length: 50 }, (_, n) => n),
          (n) => Effect.either(controller.resume(id, { slide: n }, { answeredBy: `person ${n}` })),
          { concurrency: "unbounded" },
        )
        expect(all.filter(Either.isRight).length).toBe(1)
        expect(outcome(yield* result(id))).toBe("ok")
      }),
    ),
  )
})

describe("answer against cancel", () => {
  it.effect("a cancel that comes between the answer's check and its commit wins", () =>
    inWorld({ plugins }, (root) =>
      Effect.gen(function* () {
        const hooks = yield* Hooks
        const id = yield* openAsking("asks_project")
        const cancelled = yield* Deferred.make<string>()
        yield* hooks.once({
          when: "before",
          matches: isAnswer,
          run: () =>
            Effect.flatMap(Effect.orDie(cancel(id)), (ended) => Deferred.succeed(cancelled, outcome(ended))),
        })
        expect(outcome(yield* resume(id))).toBe("SessionAlreadyCompleted")
        expect(yield* Deferred.await(cancelled)).toBe("ok")
        expect(yield* state(id)).toBe("aborted")
        expect(yield* leftInStaging(root)).toEqual([])
      }),
    ),
  )

  it.effect("a cancel whose clean-up still runs refuses the answer", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const hooks = yield* Hooks
        const id = yield* openAsking("asks_project")
        const cleaning = yield* Deferred.make<void>()
        const answered = yield* Deferred.make<void>()
        yield* hooks.once({
          when: "before",
          matches: entering("aborted"),
          run: () => Effect.zipRight(Deferred.succeed(cleaning, undefined), Deferred.await(answered)),
        })
        const ending = yield* Effect.fork(cancel(id))
        yield* Deferred.await(cleaning)
        expect(yield* state(id)).toBe("input_required")
        expect(outcome(yield* resume(id))).toBe("SessionNotAwaitingInput")
        yield* Deferred.succeed(answered, undefined)
        expect(outcome(yield* Fiber.join(ending))).toBe("ok")
      }),
    ),
  )

  it.effect("an answer that commits before the mark is taken, and the cancel still ends the session", () =>
    inWorld({ plugins }, (root) =>
      Effect.gen(function* () {
        const hooks = yield* Hooks
        const id = yield* openAsking("asks_twice_project")
        const answer = yield* Ref.make("none")
        yield* hooks.once({
          when: "before",
          matches: marking,
          run: () =>
            Effect.orDie(resume(id)).pipe(
              Effect.flatMap((taken) => Ref.set(answer, outcome(taken))),
              Effect.zipRight(Effect.orDie(reaches(id, "input_required"))),
            ),
        })
        expect(outcome(yield* cancel(id))).toBe("ok")
        expect(yield* answer).toBe("ok")
        expect(yield* state(id)).toBe("aborted")
        expect(yield* leftInStaging(root)).toEqual([])
      }),
    ),
  )

  it.effect("two cancels get one outcome, the first one's", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const id = yield* openAsking("asks_project")
        const both = yield* Effect.all([cancel(id, false), cancel(id, true)], { concurrency: "unbounded" })
        expect(both[0]).toEqual(both[1])
        expect(yield* cancel(id, true)).toEqual(both[0])
        expect(both[0]).toMatchObject({ right: { code: "cancelled", discarded: false } })
      }),
    ),
  )
})

describe("a repeated answer against the next prompt", () => {
  it.effect("never answers it, with the old id and without any", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const id = yield* openAsking("asks_twice_project")
        const first = (yield* controller.status(id)).pendingInput!.promptId
        expect(outcome(yield* resume(id))).toBe("ok")
        yield* until(
          "the second prompt",
          Effect.map(
            controller.status(id),
            (s) => s.pendingInput !== null && s.pendingInput.promptId !== first,
          ),
        )
        expect(outcome(yield* resume(id))).toBe("SessionNotAwaitingInput")
        expect(outcome(yield* resume(id, first))).toBe("SessionNotAwaitingInput")
        const second = (yield* controller.status(id)).pendingInput!.promptId
        expect(outcome(yield* resume(id, second))).toBe("ok")
        expect(outcome(yield* result(id))).toBe("ok")
      }),
    ),
  )

  it.effect("checked against the first prompt, committed when the second waits: refused", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const hooks = yield* Hooks
        const id = yield* openAsking("asks_twice_project")
        const first = (yield* controller.status(id)).pendingInput!.promptId
        yield* hooks.once({
          when: "before",
          matches: isAnswer,
          run: () =>
            Effect.orDie(
              Effect.zipRight(
                resume(id),
                until(
                  "the second prompt",
                  Effect.map(
                    controller.status(id),
                    (s) => s.pendingInput !== null && s.pendingInput.promptId !== first,
                  ),
                ),
              ),
            ),
        })
        expect(outcome(yield* resume(id, first))).toBe("SessionNotAwaitingInput")
        expect(yield* state(id)).toBe("input_required")
        yield* cancel(id)
      }),
    ),
  )
})

describe("an answer at the moment its prompt is published", () => {
  it.effect("is taken, though the session hasn't begun to wait", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const hooks = yield* Hooks
        const answer = yield* Ref.make("none")
        yield* hooks.once({
          when: "after",
          matches: entering("input_required"),
          run: ({ id }) =>
            Effect.flatMap(Effect.orDie(resume(id)), (taken) => Ref.set(answer, outcome(taken))),
        })
        const { sessionId } = yield* controller.createProject(
          projectRequest({ templatePath: "asks_project" }),
        )
        expect(outcome(yield* result(sessionId))).toBe("ok")
        expect(yield* answer).toBe("ok")
      }),
    ),
  )

  it.effect("from a subscriber that answers as soon as it sees the prompt", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const { sessionId } = yield* controller.createProject(
          projectRequest({ templatePath: "asks_twice_project" }),
        )
        const seen = yield* controller.subscribe(sessionId).pipe(
          Stream.tap((event) =>
            event.kind === "input_required"
              ? Effect.asVoid(controller.resume(sessionId, { slide: 7 }, { promptId: event.promptId }))
              : Effect.void,
          ),
          Stream.runCollect,
        )
        expect(Chunk.unsafeLast(seen).kind).toBe("done")
      }),
    ),
  )
})

describe("cancel against publish", () => {
  it.effect("marked just before the last step: nothing is published", () =>
    inWorld({ plugins }, (root) =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const hooks = yield* Hooks
        const ending = yield* Deferred.make<Fiber.Fiber<string>>()
        yield* hooks.once({
          when: "before",
          matches: entering("sync_queued"),
          run: ({ id }) =>
            Effect.forkDaemon(Effect.map(Effect.orDie(cancel(id)), outcome)).pipe(
              Effect.flatMap((fiber) => Deferred.succeed(ending, fiber)),
              Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 50)),
            ),
        })
        const { sessionId } = yield* controller.createProject(projectRequest())
        expect(outcome(yield* result(sessionId))).toBe("SessionAborted")
        expect(yield* Fiber.join(yield* Deferred.await(ending))).toBe("ok")
        expect(existsSync(join(root, "local", "DEMO_01", "PROJ-0042"))).toBe(false)
        expect(yield* leftInStaging(root)).toEqual([])
      }),
    ),
  )

  it.effect("marked after the last step began: it waits, and the session is done", () =>
    inWorld({ plugins }, (root) =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const hooks = yield* Hooks
        const ending = yield* Deferred.make<Fiber.Fiber<string>>()
        yield* hooks.once({
          when: "after",
          matches: entering("sync_queued"),
          run: ({ id }) =>
            Effect.forkDaemon(Effect.map(Effect.orDie(cancel(id)), outcome)).pipe(
              Effect.flatMap((fiber) => Deferred.succeed(ending, fiber)),
              Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 50)),
            ),
        })
        const { sessionId } = yield* controller.createProject(projectRequest())
        expect(outcome(yield* result(sessionId))).toBe("ok")
        expect(yield* Fiber.join(yield* Deferred.await(ending))).toBe("SessionAlreadyCompleted")
        expect(
          existsSync(join(root, "local", "DEMO_01", "PROJ-0042", ".exlab-wizard", "creation.json")),
        ).toBe(true)
      }),
    ),
  )
})

describe("the clean-up of abandoned sessions against an answer", () => {
  it.effect("an answer between its look and its mark keeps the session", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const hooks = yield* Hooks
        const id = yield* openAsking("asks_project")
        const answer = yield* Ref.make("none")
        yield* hooks.once({
          when: "before",
          matches: marking,
          run: () => Effect.flatMap(Effect.orDie(resume(id)), (taken) => Ref.set(answer, outcome(taken))),
        })
        yield* TestClock.adjust("65 minutes")
        expect(outcome(yield* result(id))).toBe("ok")
        expect(yield* answer).toBe("ok")
      }),
    ),
  )

  it.effect("an answer after the mark is refused", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const id = yield* openAsking("asks_project")
        yield* TestClock.adjust("65 minutes")
        yield* reaches(id, "aborted")
        expect(outcome(yield* resume(id))).toBe("SessionAlreadyCompleted")
        expect(yield* result(id)).toMatchObject({
          left: { result: { code: "session_abandoned", discarded: true } },
        })
      }),
    ),
  )

  it.effect("an attempt to answer, even a wrong one, is a sign of life", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const id = yield* openAsking("asks_project")
        yield* TestClock.adjust("50 minutes")
        expect(outcome(yield* Effect.either(controller.resume(id, { slide: "x" })))).toBe("InputInvalid")
        yield* TestClock.adjust("50 minutes")
        expect(yield* state(id)).toBe("input_required")
        yield* cancel(id)
      }),
    ),
  )
})

describe("two creations of one destination", () => {
  it.effect("one is published, the other refused, and nothing of it is left", () =>
    inWorld({ plugins }, (root) =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        for (let round = 0; round < 20; round++) {
          const limsProject = { uid: "", shortId: `P-${round}`, nameAtCreation: "P", source: "live" } as const
          const ends = yield* Effect.forEach(
            Array.from({ length: 4 }),
            () =>
              Effect.gen(function* () {
                const { sessionId } = yield* controller.createProject(projectRequest({ limsProject }))
                return yield* Effect.either(controller.awaitResult(sessionId))
              }),
            { concurrency: "unbounded" },
          )
          expect(ends.filter(Either.isRight).length).toBe(1)
          for (const end of ends.filter(Either.isLeft)) {
            expect(end.left).toMatchObject({ envelope: { code: "destination_exists" } })
          }
        }
        expect(yield* leftInStaging(root)).toEqual([])
      }),
    ),
  )

  it.effect("a session that waits for a person holds its destination", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const first = yield* openAsking("asks_project")
        const controller = yield* CreationController
        const limsProject = { uid: "", shortId: "P-1", nameAtCreation: "P", source: "live" } as const
        const second = yield* controller.createProject(projectRequest({ limsProject }))
        expect(yield* result(second.sessionId)).toMatchObject({
          left: { envelope: { code: "destination_exists" } },
        })
        expect(outcome(yield* resume(first))).toBe("ok")
        expect(outcome(yield* result(first))).toBe("ok")
      }),
    ),
  )
})

describe("the caller of create", () => {
  it.effect("may go away: the session goes on", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const hooks = yield* Hooks
        const opened = yield* Deferred.make<SessionId>()
        const go = yield* Deferred.make<void>()
        yield* hooks.once({
          when: "before",
          matches: entering("validating"),
          run: ({ id }) => Effect.zipRight(Deferred.succeed(opened, id), Deferred.await(go)),
        })
        const caller = yield* Effect.fork(controller.createProject(projectRequest()))
        const id = yield* Deferred.await(opened)
        expect(Exit.isInterrupted(yield* Fiber.interrupt(caller))).toBe(true)
        yield* Deferred.succeed(go, undefined)
        expect(outcome(yield* result(id))).toBe("ok")
      }),
    ),
  )

  it.effect("interrupted at any of its first steps, leaves no session that never ends", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        for (let yields = 0; yields < 12; yields++) {
          const limsProject = {
            uid: "",
            shortId: `P-${yields}`,
            nameAtCreation: "P",
            source: "live",
          } as const
          const caller = yield* Effect.fork(controller.createProject(projectRequest({ limsProject })))
          yield* Effect.repeatN(Effect.yieldNow(), yields)
          yield* Fiber.interrupt(caller)
        }
        const { sessions } = yield* controller.list()
        for (const { sessionId } of sessions) expect(outcome(yield* result(sessionId))).toBe("ok")
      }),
    ),
  )
})

describe("the end of the scope", () => {
  it.live("with 100 sessions spread over every state: all end, all streams end, nothing is left", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      yield* writeTemplates(root, plugins)
      const scope = yield* Scope.make()
      const options = { plugins, settings: { sessions: { maxWorking: 100, shutdownGraceSeconds: 1 } } }
      const context = yield* Layer.buildWithScope(world(root, options), scope)
      yield* Effect.gen(function* () {
        const controller = yield* CreationController
        const hooks = yield* Hooks
        const stops: ReadonlyArray<SessionState> = [
          "validating",
          "rendering",
          "plugin_pass",
          "cache_write",
          "post_validate",
          "sync_queued",
        ]
        const held = yield* Ref.make(0)
        const published = yield* Deferred.make<void>()
        const templates = ["plain_project", "asks_project", "hangs_project", "plain_project"]
        yield* Effect.forEach(
          Array.from({ length: 100 }, (_, n) => n),
          (n) =>
            Effect.gen(function* () {
              const limsProject = { uid: "", shortId: `P-${n}`, nameAtCreation: "P", source: "live" } as const
              const templatePath = templates[n % templates.length]!
              if (n % 4 === 0) {
                const label = `session ${n}`
                yield* hooks.once({
                  when: "before",
                  matches: entering(stops[(n / 4) % stops.length]!),
                  run: (call) =>
                    Effect.zipRight(
                      Ref.update(held, (all) => all + 1),
                      entering("sync_queued")(call) ? Deferred.await(published) : Effect.never,
                    ),
                })
                yield* Effect.fork(
                  controller.createProject(projectRequest({ templatePath, limsProject, label })),
                )
              } else
                yield* Effect.fork(controller.createProject(projectRequest({ templatePath, limsProject })))
            }),
        )
        yield* until(
          "100 sessions",
          Effect.map(controller.list({ limit: 1000 }), ({ sessions }) => sessions.length === 100),
        )
        yield* until(
          "held sessions",
          Effect.map(held, (n) => n === 25),
        )
        yield* until(
          "a session that asks",
          Effect.map(controller.list({ state: "input_required" }), (page) => page.sessions.length > 0),
        )
        const { sessions } = yield* controller.list({ limit: 1000 })
        const states = new Set(sessions.map(({ state: now }) => now))
        for (const before of [
          "pending",
          "validating",
          "rendering",
          "plugin_pass",
          "cache_write",
          "post_validate",
        ]) {
          expect(states).toContain(before)
        }
        const logs = yield* Effect.forEach(sessions, ({ sessionId }) =>
          Effect.fork(Stream.runLast(controller.subscribe(sessionId))),
        )
        const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
        yield* reaches(sessions.find((session) => session.state === "input_required")!.sessionId, "aborted")
        yield* Deferred.succeed(published, undefined)
        yield* Fiber.join(closing)
        for (const log of logs) {
          const last = yield* Fiber.join(log)
          expect(last).toMatchObject({
            _tag: "Some",
            value: { kind: expect.stringMatching(/done|failed|aborted/) },
          })
        }
        const ended = (yield* controller.list({ limit: 1000 })).sessions
        expect(ended.every(({ state: now }) => now === "done" || now === "aborted")).toBe(true)
        for (const { destination, result: made, state: now } of ended) {
          if (now === "aborted") expect(made).toMatchObject({ code: "shutdown", discarded: true })
          if (now === "aborted" && destination !== null) expect(existsSync(destination)).toBe(false)
          if (now === "done")
            expect(existsSync(join(destination!, ".exlab-wizard", "creation.json"))).toBe(true)
        }
        expect(yield* leftInStaging(root)).toEqual([])
        const late = yield* Effect.either(controller.createProject(projectRequest()))
        expect(outcome(late)).toBe("ShuttingDown")
        const answer = yield* Effect.either(controller.resume(ended[0]!.sessionId, {}))
        expect(outcome(answer)).toBe("ShuttingDown")
      }).pipe(Effect.provide(context))
    }).pipe(Effect.scoped),
  )
})

describe("the same request id", () => {
  it.effect("at once or later returns the one session, as it is by then", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const request = projectRequest({ templatePath: "asks_project", requestId: "r-1" })
        const handles = yield* Effect.forEach(
          Array.from({ length: 10 }),
          () => controller.createProject(request),
          { concurrency: "unbounded" },
        )
        expect(new Set(handles.map(({ sessionId }) => sessionId)).size).toBe(1)
        const states = handles.map(({ state: now }) => now)
        for (const early of ["pending", "validating"]) expect(states).not.toContain(early)
        const [{ sessionId }] = handles as [(typeof handles)[number]]
        yield* reaches(sessionId, "input_required")
        expect((yield* controller.createProject(request)).state).toBe("input_required")
        expect(outcome(yield* resume(sessionId))).toBe("ok")
        expect(outcome(yield* result(sessionId))).toBe("ok")
        expect((yield* controller.createProject(request)).state).toBe("done")
      }),
    ),
  )

  it.effect("refused by the gate, says so again", () =>
    inWorld({ plugins }, () =>
      Effect.gen(function* () {
        const controller = yield* CreationController
        const request = projectRequest({ label: "", requestId: "r-2" })
        const handles = yield* Effect.all(
          [controller.createProject(request), controller.createProject(request)],
          {
            concurrency: "unbounded",
          },
        )
        expect(handles[0]).toEqual(handles[1])
        expect(handles[0].state).toBe("failed")
      }),
    ),
  )
})
