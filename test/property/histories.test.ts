import { existsSync } from "node:fs"
import { mkdir, readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, expect, it } from "@effect/vitest"
import {
  Chunk,
  Duration,
  Effect,
  Either,
  Fiber,
  Layer,
  Option,
  Ref,
  Stream,
  Supervisor,
  TestClock,
  TestServices,
} from "effect"
import * as FC from "effect/FastCheck"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { ports } from "../../layers/Embedded.ts"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import { layerTest as scriptedPlugins, type PluginScripts } from "../../layers/plugins/ScriptedPluginHost.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type {
  SessionAlreadyCompleted,
  SessionNotFound,
  ShuttingDown,
  TooManySessions,
} from "../../src/domain/Errors.ts"
import type { AbortedResult, Session, SessionHandle, SessionId } from "../../src/domain/Session.ts"
import type { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { edges as legalEdges, isEdge, stateToPhase } from "../../src/domain/SessionState.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { projectRequest } from "../support/requests.ts"
import * as Points from "../support/StopPoints.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { answered, ended, isOver, type Model, opened, type SessionPlan, settle } from "./model.ts"

const histories = Number(process.env.EXLAB_HISTORIES ?? "1000")
/** Of 1,000 histories; fewer are for looking at one quickly. */
const leastPerEdge = Math.floor((20 * Math.min(histories, 1000)) / 1000)

const field = { id: "slide", label: "Slide", type: "integer", required: true } as const
const asker = (prompts: number) => ({
  moves: Array.from(
    { length: prompts },
    () => ({ do: "ask", reason: "which slide?", fields: [field] }) as const,
  ),
})
const scripts: PluginScripts = { ask0: asker(0), ask1: asker(1), ask2: asker(2) }

type Answer = "right" | "wrong type" | "unknown key" | "old prompt" | "no prompt id"
type Command =
  | { readonly do: "create"; readonly plan: SessionPlan }
  | { readonly do: "create, stop and cancel"; readonly step: number; readonly discard: boolean }
  | { readonly do: "create and answer"; readonly answers: ReadonlyArray<Answer> }
  | { readonly do: "answer"; readonly who: number; readonly answer: Answer }
  | { readonly do: "cancel"; readonly who: number; readonly discard: boolean }
  | { readonly do: "release"; readonly who: number }
  | { readonly do: "heartbeat"; readonly who: number }
  | { readonly do: "clock"; readonly minutes: number }
  | { readonly do: "subscribe"; readonly who: number; readonly after: number; readonly cutAfter: number }

const quiet: SessionPlan = { prompts: 0, stopBefore: [], dieBefore: null, dieAsking: false, publish: "ok" }
const plans: FC.Arbitrary<SessionPlan> = FC.oneof(
  { weight: 1, arbitrary: FC.nat(2).map((prompts) => ({ ...quiet, prompts })) },
  { weight: 1, arbitrary: FC.nat(5).map((step) => ({ ...quiet, stopBefore: [step] })) },
  { weight: 3, arbitrary: FC.nat(5).map((dieBefore) => ({ ...quiet, dieBefore })) },
  {
    weight: 1,
    arbitrary: FC.constantFrom("taken" as const, "interrupted" as const).map((publish) => ({
      ...quiet,
      publish,
    })),
  },
  { weight: 1, arbitrary: FC.constant({ ...quiet, prompts: 1, dieAsking: true }) },
  {
    weight: 2,
    arbitrary: FC.record({
      prompts: FC.nat(2),
      stopBefore: FC.uniqueArray(FC.nat(8), { maxLength: 3 }),
      dieBefore: FC.option(FC.nat(8), { freq: 3 }),
      dieAsking: FC.nat(4).map((n) => n === 0),
      publish: FC.constantFrom("ok" as const, "ok" as const, "taken" as const, "interrupted" as const),
    }),
  },
)
const who = FC.nat(3)
const commands: FC.Arbitrary<Command> = FC.oneof(
  { weight: 5, arbitrary: FC.record({ do: FC.constant("create" as const), plan: plans }) },
  {
    weight: 2,
    arbitrary: FC.record({
      do: FC.constant("create, stop and cancel" as const),
      step: FC.nat(5),
      discard: FC.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: FC.record({
      do: FC.constant("create and answer" as const),
      answers: FC.array(
        FC.constantFrom<Answer>("right", "right", "wrong type", "old prompt", "no prompt id"),
        {
          maxLength: 4,
        },
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: FC.record({
      do: FC.constant("answer" as const),
      who,
      answer: FC.constantFrom<Answer>(
        "right",
        "right",
        "right",
        "wrong type",
        "unknown key",
        "old prompt",
        "no prompt id",
      ),
    }),
  },
  { weight: 2, arbitrary: FC.record({ do: FC.constant("cancel" as const), who, discard: FC.boolean() }) },
  { weight: 5, arbitrary: FC.record({ do: FC.constant("release" as const), who }) },
  { weight: 1, arbitrary: FC.record({ do: FC.constant("heartbeat" as const), who }) },
  {
    weight: 1,
    arbitrary: FC.record({ do: FC.constant("clock" as const), minutes: FC.constantFrom(5, 30, 65) }),
  },
  {
    weight: 2,
    arbitrary: FC.record({
      do: FC.constant("subscribe" as const),
      who,
      after: FC.nat(6),
      cutAfter: FC.nat(4),
    }),
  },
)

const world = (root: string) =>
  CreationController.layer.pipe(
    Layer.provide(scriptedPlugins(scripts)),
    Layer.provideMerge(Points.layer),
    Layer.provideMerge(ports),
    Layer.provideMerge(
      Layer.merge(
        NodeDisk.layer,
        Settings.layer(
          withDefaults({
            paths: { localRoot: join(root, "local"), templatesDir: join(root, "templates") },
            sessions: { maxWorking: 4, shutdownGraceSeconds: 0 },
          }),
        ),
      ),
    ),
  )

const writeTemplates = (root: string) =>
  Effect.promise(async () => {
    for (const name of Object.keys(scripts)) {
      const folder = join(root, "templates", name)
      await mkdir(folder, { recursive: true })
      await writeFile(
        join(folder, "template.yaml"),
        `name: ${name}\nversion: "1"\ntype: project\nplugins: [${name}]\n`,
      )
      await writeFile(join(folder, "notes.txt.hbs"), "{{label}}\n")
    }
  })

interface Actor {
  readonly id: SessionId
  readonly created: Fiber.Fiber<SessionHandle, TooManySessions | ShuttingDown>
  readonly cancels: ReadonlyArray<
    Fiber.Fiber<Either.Either<AbortedResult, SessionNotFound | SessionAlreadyCompleted>>
  >
  readonly readers: ReadonlyArray<Reader>
  readonly prompts: ReadonlyArray<string>
  model: Model
}

interface Reader {
  readonly after: number
  readonly seen: Fiber.Fiber<ReadonlyArray<SessionEvent>, SessionNotFound>
}

/** Real time, for what must not take for ever on real files; the rest runs on the test clock. */
const within = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
  Effect.raceFirst(
    effect,
    TestServices.provideLive(Effect.sleep("10 seconds")).pipe(
      Effect.zipRight(Effect.dieMessage(`${what} did not happen`)),
    ),
  )

const rested = (actor: Actor, stops: Points.Stops | undefined, session: Session): boolean => {
  const { model } = actor
  return (
    session.state === model.state &&
    (!model.stopped || (stops?.gate ?? null) !== null) &&
    (model.stopped || (stops?.gate ?? null) === null || isOver(model))
  )
}

const awaitRest = (actor: Actor) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const points = yield* Points.StopPoints
    const look = Effect.all([points.stops(actor.id), controller.status(actor.id)])
    let [stops, session] = yield* look
    while (!rested(actor, stops, session)) {
      yield* TestServices.provideLive(Effect.sleep("0 millis"))
      ;[stops, session] = yield* look
    }
    return session
  })

const checkFields = (session: Session) => {
  expect(session.currentPhase).toBe(stateToPhase(session.state))
  expect(session.nextAction).toBe(session.state === "input_required" ? "awaiting_input" : "none")
  expect(session.pendingInput !== null).toBe(session.state === "input_required")
  expect(session.error !== null).toBe(session.state === "failed")
  expect(session.result !== null).toBe(session.state === "done" || session.state === "aborted")
}

const numbered = (events: ReadonlyArray<SessionEvent>) => events.filter(({ kind }) => kind !== "progress")
const isTerminalEvent = ({ kind }: SessionEvent) => kind === "done" || kind === "failed" || kind === "aborted"
const collect = (stream: Stream.Stream<SessionEvent, SessionNotFound>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

const taken = new Map<string, number>()

const runHistory = (history: ReadonlyArray<Command>) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const points = yield* Points.StopPoints
    const { paths } = yield* Settings
    const actors: Array<Actor> = []
    let minutes = 0
    let promptless = 0

    const settled = (actor: Actor) =>
      Effect.gen(function* () {
        const session = yield* within(JSON.stringify(actor.model), awaitRest(actor)).pipe(
          Effect.catchAllDefect((defect) =>
            Effect.flatMap(controller.status(actor.id), (now) =>
              Effect.dieMessage(`${String(defect)}; it is ${now.state} ${JSON.stringify(now.error)}`),
            ),
          ),
        )
        checkFields(session)
        if (session.state === "aborted" && actor.model.aborted !== null) {
          expect(session.result).toMatchObject(actor.model.aborted)
        }
        if (session.pendingInput !== null && !actor.prompts.includes(session.pendingInput.promptId)) {
          Object.assign(actor, { prompts: [...actor.prompts, session.pendingInput.promptId] })
        }
        expect(actor.prompts.length).toBe(actor.model.asked)
      })

    const create = (plan: SessionPlan) =>
      Effect.gen(function* () {
        const before = new Set((yield* controller.list()).sessions.map(({ sessionId }) => sessionId))
        const request = projectRequest({
          templatePath: `ask${plan.prompts}`,
          label: JSON.stringify({ ...plan, prompts: undefined }),
          limsProject: { uid: "", shortId: `P-${actors.length}`, nameAtCreation: "P", source: "live" },
        })
        const created = yield* Effect.fork(controller.createProject(request))
        const find = Effect.map(controller.list(), ({ sessions }) =>
          sessions.find((s) => !before.has(s.sessionId)),
        )
        let session = yield* find
        while (session === undefined) {
          yield* Effect.yieldNow()
          session = yield* find
        }
        const model = settle(opened(plan, minutes), minutes)
        const actor: Actor = { id: session.sessionId, created, cancels: [], readers: [], prompts: [], model }
        actors.push(actor)
        yield* settled(actor)
      })

    const answer = (actor: Actor, kind: Answer) =>
      Effect.gen(function* () {
        const { model } = actor
        const current = actor.prompts.at(-1)
        const waits = model.state === "input_required"
        const promptId =
          kind === "no prompt id"
            ? undefined
            : kind === "old prompt"
              ? (actor.prompts.at(-2) ?? "p0")
              : current
        const inputs =
          kind === "wrong type"
            ? { slide: "one" }
            : kind === "unknown key"
              ? { slide: 1, glass: 2 }
              : { slide: 1 }
        const result = yield* Effect.either(controller.resume(actor.id, inputs, { promptId }))
        const outcome = Either.match(result, { onLeft: ({ _tag }) => _tag, onRight: ({ state }) => state })
        if (isOver(model)) expect(outcome).toBe("SessionAlreadyCompleted")
        else if (!waits) expect(outcome).toBe("SessionNotAwaitingInput")
        else if (kind === "old prompt") expect(outcome).toBe("SessionNotAwaitingInput")
        else if (kind === "no prompt id" && model.asked > 1) expect(outcome).toBe("SessionNotAwaitingInput")
        else if (kind === "wrong type" || kind === "unknown key") expect(outcome).toBe("InputInvalid")
        else {
          if (kind === "no prompt id") promptless += 1
          expect(outcome).toBe("plugin_pass")
          actor.model = answered(model, minutes)
          return yield* settled(actor)
        }
        actor.model = waits ? { ...model, sign: minutes } : model
        yield* settled(actor)
      })

    const cancel = (actor: Actor, discard: boolean) =>
      Effect.gen(function* () {
        const { model } = actor
        const fiber = yield* Effect.fork(
          Effect.either(controller.cancel(actor.id, { discardFiles: discard })),
        )
        if (!isOver(model) && model.state === "sync_queued") {
          yield* Effect.repeatN(Effect.yieldNow(), 20)
          expect(Option.isNone(yield* Fiber.poll(fiber))).toBe(true)
          Object.assign(actor, { cancels: [...actor.cancels, fiber] })
          return
        }
        const result = yield* within("the end of a cancel", Fiber.join(fiber))
        if (isOver(model) && model.state !== "aborted") {
          expect(Either.flip(result)).toMatchObject({ right: { _tag: "SessionAlreadyCompleted" } })
          return
        }
        if (!isOver(model)) actor.model = ended(model, "cancelled", discard)
        yield* settled(actor)
        expect(result).toMatchObject({ right: actor.model.aborted })
        const destination = join(paths.localRoot, "DEMO_01", `P-${actors.indexOf(actor)}`)
        if (actor.model.aborted?.discarded === false) {
          expect(existsSync(join(destination, "notes.txt"))).toBe(true)
          expect(existsSync(join(destination, ".exlab-wizard"))).toBe(false)
        } else expect(existsSync(destination)).toBe(false)
      })

    const clock = (total: number) =>
      Effect.gen(function* () {
        for (let passed = 0; passed < total; passed += 5) {
          minutes += 5
          yield* TestClock.adjust("5 minutes")
          for (const actor of actors) {
            if (actor.model.state === "input_required" && minutes - actor.model.sign > 60) {
              actor.model = ended(actor.model, "session_abandoned", true)
            }
            yield* settled(actor)
          }
        }
      })

    const subscribe = (actor: Actor, after: number, cutAfter: number) =>
      Effect.gen(function* () {
        const last = yield* Ref.make(after)
        const track = (event: SessionEvent) =>
          event.kind === "progress" ? Effect.void : Ref.set(last, event.seq)
        const first = controller
          .subscribe(actor.id, { after })
          .pipe(Stream.take(cutAfter), Stream.tap(track), collect)
        const second = Effect.flatMap(last, (seq) => collect(controller.subscribe(actor.id, { after: seq })))
        const seen = yield* Effect.fork(Effect.zipWith(first, second, (a, b) => [...a, ...b]))
        Object.assign(actor, { readers: [...actor.readers, { after, seen }] })
      })

    const perform = (command: Command) => {
      if (command.do === "create") return actors.length < 4 ? create(command.plan) : Effect.void
      if (command.do === "create and answer") {
        return actors.length < 4 ? createAndAnswer(command.answers) : Effect.void
      }
      if (command.do === "create, stop and cancel") {
        return actors.length < 4 ? createAndCancel(command.step, command.discard) : Effect.void
      }
      if (command.do === "clock") return clock(command.minutes)
      const actor = actors[command.who % Math.max(1, actors.length)]
      if (actor === undefined) return Effect.void
      switch (command.do) {
        case "answer":
          return answer(actor, command.answer)
        case "cancel":
          return cancel(actor, command.discard)
        case "release":
          return release(actor)
        case "heartbeat":
          actor.model = { ...actor.model, sign: minutes }
          return controller.heartbeat(actor.id)
        case "subscribe":
          return subscribe(actor, command.after, command.cutAfter)
      }
    }

    const createAndAnswer = (answers: ReadonlyArray<Answer>) =>
      Effect.gen(function* () {
        yield* create({ ...quiet, prompts: 2 })
        for (const kind of answers) yield* answer(actors.at(-1)!, kind)
      })

    const createAndCancel = (step: number, discard: boolean) =>
      Effect.gen(function* () {
        yield* create({ ...quiet, stopBefore: [step] })
        yield* cancel(actors.at(-1)!, discard)
      })

    const release = (actor: Actor) =>
      Effect.gen(function* () {
        expect(yield* points.release(actor.id)).toBe(actor.model.stopped)
        actor.model = actor.model.stopped ? settle(actor.model, minutes, true) : actor.model
        yield* settled(actor)
        for (const fiber of isOver(actor.model) ? actor.cancels : []) {
          const result = yield* within("the end of a late cancel", Fiber.join(fiber))
          expect(Either.flip(result)).toMatchObject({ right: { _tag: "SessionAlreadyCompleted" } })
        }
      })

    const finish = (actor: Actor) =>
      Effect.gen(function* () {
        while (!isOver(actor.model)) {
          if (actor.model.stopped) yield* release(actor)
          else yield* cancel(actor, true)
        }
        const handle = yield* within("the verdict", Fiber.join(actor.created))
        expect(handle.sessionId).toBe(actor.id)
        const log = numbered(yield* collect(controller.subscribe(actor.id)))
        expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1))
        expect(log.filter(isTerminalEvent).length).toBe(1)
        expect(isTerminalEvent(log.at(-1)!)).toBe(true)
        for (const { after, seen } of actor.readers) {
          const events = numbered(yield* within("the end of a stream", Fiber.join(seen)))
          expect(events).toEqual(log.slice(after))
        }
      })

    for (const command of history) yield* perform(command)
    for (const actor of actors) yield* finish(actor)

    // Every place came back: as many sessions as there are places get to work at the same time.
    const probed = history.length % 4 === 0
    for (let n = 0; n < (probed ? 4 : 0); n++) yield* create({ ...quiet, stopBefore: [2] })
    for (const actor of probed ? actors : []) yield* finish(actor)

    const edges = yield* points.edges
    for (const [from, to] of edges) {
      expect(isEdge(from, to)).toBe(true)
      taken.set(`${from} → ${to}`, (taken.get(`${from} → ${to}`) ?? 0) + 1)
    }
    const staging = join(paths.localRoot, "DEMO_01", ".exlab-wizard", "staging")
    const left = existsSync(staging) ? yield* Effect.promise(() => readdir(staging)) : []
    expect(left).toEqual([])
    return promptless
  })

const alone = (history: ReadonlyArray<Command>) =>
  Effect.gen(function* () {
    const root = yield* fastTemporaryDirectory
    yield* writeTemplates(root)
    const supervisor = yield* Supervisor.track
    yield* Effect.provide(runHistory(history), world(root)).pipe(Effect.supervised(supervisor))
    const alive = (yield* supervisor.value).filter((fiber) => fiber.unsafePoll() === null)
    expect(alive.length).toBe(0)
  }).pipe(Effect.scoped)

it.effect.prop(
  `${histories} histories behave as the model does`,
  [FC.array(commands, { minLength: 1, maxLength: 16, size: "max" })],
  ([history]) => alone(history),
  {
    fastCheck: { numRuns: histories, endOnFailure: process.env.EXLAB_SHRINK === undefined },
    timeout: Duration.toMillis("30 minutes"),
  },
)

afterAll(() => {
  const all = Object.entries(legalEdges).flatMap(([from, targets]) => targets.map((to) => `${from} → ${to}`))
  const rows = all.map((edge) => `  ${String(taken.get(edge) ?? 0).padStart(6)}  ${edge}`)
  process.stdout.write(`edges taken:\n${rows.join("\n")}\n`)
  const rare = all.filter((edge) => (taken.get(edge) ?? 0) < leastPerEdge)
  expect(rare).toEqual([])
  expect([...taken.keys()].filter((edge) => !all.includes(edge))).toEqual([])
})
