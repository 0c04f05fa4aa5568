import { expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Either, Fiber, Layer, Ref, Stream, TestClock } from "effect"
import * as FC from "effect/FastCheck"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import type { Prompt } from "../../src/domain/Plugin.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import type { Transition } from "../../src/domain/SessionEntry.ts"
import type { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { edges, stateToPhase } from "../../src/domain/SessionState.ts"
import type { SessionNotFound } from "../../src/domain/Errors.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { projectRequest, runRequest } from "../support/requests.ts"

const prompt: Prompt = { promptId: "p1", plugin: "asker", reason: "which slide?", fields: [] }
const result = { path: "/data/x", syncStatus: "pending", blocked: false, findings: [] } as const

const toDone: ReadonlyArray<Transition> = [
  { from: "pending", to: "validating" },
  { from: "validating", to: "rendering", destination: "/data/x" },
  { from: "rendering", to: "plugin_pass" },
  { from: "plugin_pass", to: "input_required", prompt },
  { from: "input_required", to: "plugin_pass", promptId: "p1" },
  { from: "plugin_pass", to: "cache_write" },
  { from: "cache_write", to: "post_validate" },
  { from: "post_validate", to: "sync_queued" },
  { from: "sync_queued", to: "done", result },
]

const walk = (id: SessionId, steps: ReadonlyArray<Transition>) =>
  Effect.flatMap(SessionStore, (store) => Effect.forEach(steps, (step) => store.transition(id, step)))

const openOne = Effect.flatMap(SessionStore, (store) => store.open("project", projectRequest())).pipe(
  Effect.map(({ session }) => session.sessionId),
)

const collect = (id: SessionId, after?: number) =>
  Effect.flatMap(SessionStore, (store) => Stream.runCollect(store.subscribe(id, after))).pipe(
    Effect.map(Chunk.toReadonlyArray),
  )

const numbered = (events: ReadonlyArray<SessionEvent>) => events.filter(({ kind }) => kind !== "progress")
const seqs = (events: ReadonlyArray<SessionEvent>) => numbered(events).map(({ seq }) => seq)
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1)
/** Each progress that doesn't follow the event that it was made after. */
const misplaced = (events: ReadonlyArray<SessionEvent>, after: number) =>
  events.filter(
    ({ kind, seq }, index) =>
      kind === "progress" && seq !== (numbered(events.slice(0, index)).at(-1)?.seq ?? after),
  )
const turns = (n: number) => Effect.repeatN(Effect.yieldNow(), n)

/** What every session store must do: run against each adapter of the port. */
export const sessionStoreContract = (layer: Layer.Layer<SessionStore, never, Settings>): void => {
  const store = (sessions: Parameters<typeof withDefaults>[0] = {}) =>
    Layer.provide(layer, Settings.layer(withDefaults(sessions)))

  it.effect("sessions are counted by their states, also by those that no session is in", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const none = yield* sessions.counts
      expect(Object.values(none)).toEqual(Object.keys(edges).map(() => 0))
      yield* walk(yield* openOne, toDone)
      yield* walk(yield* openOne, toDone.slice(0, 4))
      yield* openOne
      expect(yield* sessions.counts).toEqual({ ...none, done: 1, input_required: 1, pending: 1 })
    }).pipe(Effect.provide(store())),
  )

  it.effect("fields and events agree with the state at every step", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = yield* openOne
      for (const step of toDone) {
        const after = yield* sessions.transition(id, step)
        expect(after).toEqual(yield* sessions.get(id))
        expect(after.state).toBe(step.to)
        expect(after.currentPhase).toBe(stateToPhase(step.to))
        expect(after.nextAction).toBe(step.to === "input_required" ? "awaiting_input" : "none")
        expect(after.pendingInput).toEqual(step.to === "input_required" ? prompt : null)
        expect(after.result).toEqual(step.to === "done" ? result : null)
        expect(after.error).toBeNull()
      }
      const events = yield* collect(id)
      expect(events.map((event) => (event.kind === "phase" ? event.phase : event.kind))).toEqual([
        "validating_inputs",
        "rendering_template",
        "running_plugins",
        "input_required",
        "running_plugins",
        "writing_cache",
        "validating_post_creation",
        "queueing_nas_sync",
        "done",
      ])
      expect(seqs(events)).toEqual(upTo(9))
    }).pipe(Effect.provide(store())),
  )

  it.effect("illegal and outdated transitions change nothing", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = yield* openOne
      const before = yield* sessions.get(id)
      const skipped = yield* Effect.flip(sessions.transition(id, { from: "sync_queued", to: "done", result }))
      expect(skipped).toMatchObject({ _tag: "IllegalTransition", from: "pending", to: "done" })
      expect(yield* sessions.get(id)).toEqual(before)
      yield* walk(id, toDone.slice(0, 4))
      const other = yield* Effect.flip(
        sessions.transition(id, { from: "input_required", to: "plugin_pass", promptId: "p0" }),
      )
      expect(other._tag).toBe("SessionNotAwaitingInput")
      expect((yield* sessions.get(id)).state).toBe("input_required")
    }).pipe(Effect.provide(store())),
  )

  it.effect("of many concurrent answers to one prompt one is committed", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = yield* openOne
      yield* walk(id, toDone.slice(0, 4))
      const answers = yield* Effect.forEach(
        upTo(50),
        () =>
          Effect.either(
            sessions.transition(id, { from: "input_required", to: "plugin_pass", promptId: "p1" }),
          ),
        { concurrency: "unbounded" },
      )
      expect(answers.filter(Either.isRight).length).toBe(1)
    }).pipe(Effect.provide(store())),
  )

  it.effect("a marked session goes nowhere but to its end, and the first mark stays", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = yield* openOne
      yield* walk(id, toDone.slice(0, 4))
      const cancelled = { code: "cancelled", discardFiles: false } as const
      expect(yield* sessions.markEnding(id, cancelled)).toBe("marked")
      expect(yield* sessions.markEnding(id, { code: "shutdown", discardFiles: true })).toBe("ending_already")
      const refused = yield* Effect.flip(
        sessions.transition(id, { from: "input_required", to: "plugin_pass" }),
      )
      expect(refused._tag).toBe("SessionEnding")
      yield* sessions.transition(id, { to: "aborted", result: { code: "cancelled", discarded: true } })
      expect(yield* sessions.markEnding(id, cancelled)).toBe("ended")
    }).pipe(Effect.provide(store())),
  )

  it.effect("the last step can't be marked any more", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = yield* openOne
      yield* walk(id, toDone.slice(0, 8))
      expect(yield* sessions.markEnding(id, { code: "cancelled", discardFiles: true })).toBe("finishing")
      yield* walk(id, toDone.slice(8))
    }).pipe(Effect.provide(store())),
  )

  it.effect.prop(
    "every subscriber sees every event after its start once and in order, whenever it comes and however slow it is",
    [
      FC.array(FC.record({ joins: FC.nat(12), after: FC.nat(12), yields: FC.nat(5) }), {
        minLength: 1,
        maxLength: 8,
      }),
      FC.array(FC.nat(3), { minLength: 9, maxLength: 9 }),
    ],
    ([subscribers, warnings]) =>
      Effect.gen(function* () {
        const sessions = yield* SessionStore
        const id = yield* openOne
        const now = yield* Ref.make(0)
        const readers = yield* Effect.forEach(subscribers, ({ after, joins, yields }) =>
          Effect.fork(
            Effect.gen(function* () {
              while ((yield* now) < Math.min(joins, 9)) yield* Effect.yieldNow()
              return yield* sessions.subscribe(id, after).pipe(
                Stream.tap(() => turns(yields)),
                Stream.runCollect,
                Effect.map(Chunk.toReadonlyArray),
              )
            }),
          ),
        )
        for (const [index, step] of toDone.entries()) {
          for (let n = 0; n < (warnings[index] ?? 0); n++)
            yield* sessions.emit(id, { kind: "warning", message: `w${index}.${n}` })
          yield* sessions.transition(id, step)
          yield* sessions.emit(id, { kind: "progress", current: 1, total: 2 })
          yield* Ref.set(now, index + 1)
          yield* turns(3)
        }
        const total = 9 + warnings.reduce((sum, n) => sum + n, 0)
        const reference = numbered(yield* collect(id))
        expect(seqs(reference)).toEqual(upTo(total))
        for (const [index, reader] of readers.entries()) {
          const seen = yield* Fiber.join(reader)
          const { after } = subscribers[index]!
          expect(numbered(seen)).toEqual(reference.slice(after))
          expect(misplaced(seen, after)).toEqual([])
          if (after < total) expect(seen.at(-1)?.kind).toBe("done")
        }
      }).pipe(Effect.provide(store())),
    { fastCheck: { numRuns: 100 } },
  )

  it.effect("subscribing in the middle of 100 concurrent appends misses none", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = yield* openOne
      yield* walk(id, toDone.slice(0, 1))
      const readers = yield* Ref.make<
        ReadonlyArray<Fiber.Fiber<ReadonlyArray<SessionEvent>, SessionNotFound>>
      >([])
      yield* Effect.forEach(
        upTo(100),
        (n) =>
          Effect.gen(function* () {
            yield* sessions.emit(id, { kind: "warning", message: `warning ${n}` })
            if (n % 10 === 0) {
              const reader = yield* Effect.forkDaemon(collect(id))
              yield* Ref.update(readers, (all) => [...all, reader])
            }
          }),
        { concurrency: "unbounded", discard: true },
      )
      yield* sessions.transition(id, { to: "aborted", result: { code: "cancelled", discarded: true } })
      for (const reader of yield* readers) expect(seqs(yield* Fiber.join(reader))).toEqual(upTo(102))
    }).pipe(Effect.provide(store())),
  )

  it.effect("a session that is forgotten is read to its end by who reads it already", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = yield* openOne
      yield* walk(id, toDone.slice(0, 2))
      const first = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const slow = yield* Effect.fork(
        sessions.subscribe(id).pipe(
          Stream.tap(({ seq }) =>
            seq === 1 ? Effect.zipRight(Deferred.succeed(first, undefined), Deferred.await(go)) : Effect.void,
          ),
          Stream.runCollect,
        ),
      )
      yield* Deferred.await(first)
      yield* walk(id, toDone.slice(2))
      yield* TestClock.adjust("2 hours")
      expect(yield* sessions.forget({ age: "1 hour", atMost: 10 })).toBe(1)
      expect((yield* Effect.flip(sessions.get(id)))._tag).toBe("SessionNotFound")
      expect((yield* Effect.flip(collect(id)))._tag).toBe("SessionNotFound")
      yield* Deferred.succeed(go, undefined)
      expect(seqs(Chunk.toReadonlyArray(yield* Fiber.join(slow)))).toEqual(upTo(9))
    }).pipe(Effect.provide(store())),
  )

  it.effect("progress isn't numbered, the newest comes once after a replay, and never after the end", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = yield* openOne
      yield* walk(id, toDone.slice(0, 2))
      yield* sessions.emit(id, { kind: "progress", current: 1, total: 3, detail: "a" })
      yield* sessions.emit(id, { kind: "progress", current: 2, total: 3, detail: "b" })
      const seen = yield* sessions.subscribe(id).pipe(Stream.take(3), Stream.runCollect)
      expect(Chunk.toReadonlyArray(seen)).toMatchObject([
        { kind: "phase", seq: 1 },
        { kind: "phase", seq: 2 },
        { kind: "progress", seq: 2, current: 2, total: 3, detail: "b", phase: "rendering_template" },
      ])
      const live = yield* Effect.fork(collect(id))
      yield* turns(10)
      yield* sessions.emit(id, { kind: "progress", current: 3, total: 3 })
      yield* walk(id, toDone.slice(2))
      const all = yield* Fiber.join(live)
      expect(all.at(-1)?.kind).toBe("done")
      expect(all.filter(({ kind }) => kind === "progress").map(({ seq }) => seq)).toEqual([2, 2])
      expect((yield* collect(id)).every(({ kind }) => kind !== "progress")).toBe(true)
    }).pipe(Effect.provide(store())),
  )

  it.effect("a replay doesn't end with a progress that events came after", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = yield* openOne
      const newcomer = sessions
        .subscribe(id)
        .pipe(Stream.interruptAfter("1 second"), Stream.runCollect, Effect.fork)
      const kinds = Effect.gen(function* () {
        const reader = yield* newcomer
        yield* TestClock.adjust("1 second")
        return Chunk.toReadonlyArray(yield* Fiber.join(reader)).map(({ kind }) => kind)
      })
      yield* walk(id, toDone.slice(0, 3))
      yield* sessions.emit(id, { kind: "progress", current: 1, total: 2 })
      expect((yield* kinds).at(-1)).toBe("progress")
      yield* sessions.emit(id, { kind: "warning", message: "a plugin took long" })
      expect((yield* kinds).at(-1)).toBe("warning")
      yield* sessions.emit(id, { kind: "progress", current: 2, total: 2 })
      yield* walk(id, toDone.slice(3, 5))
      expect((yield* kinds).at(-1)).toBe("phase")
    }).pipe(Effect.provide(store())),
  )

  it.effect("a request id opens one session, as long as it is remembered", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const request = projectRequest({ requestId: "r1" })
      const opened = yield* Effect.forEach(upTo(20), () => sessions.open("project", request), {
        concurrency: "unbounded",
      })
      expect(opened.filter(({ fresh }) => fresh).length).toBe(1)
      expect(new Set(opened.map(({ session }) => session.sessionId)).size).toBe(1)
      const id = opened[0]!.session.sessionId
      yield* sessions.transition(id, { to: "aborted", result: { code: "cancelled", discarded: true } })
      expect((yield* sessions.open("project", request)).fresh).toBe(false)
      yield* TestClock.adjust("25 hours")
      yield* sessions.forget({ age: "24 hours", atMost: 10 })
      expect((yield* sessions.open("project", request)).fresh).toBe(true)
    }).pipe(Effect.provide(store())),
  )

  it.effect("open sessions are bounded, ended ones don't count", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const ids = yield* Effect.forEach(upTo(3), () => openOne)
      const refused = yield* Effect.flip(sessions.open("project", projectRequest()))
      expect(refused).toMatchObject({ _tag: "TooManySessions", limit: 3, code: "too_many_sessions" })
      yield* sessions.transition(ids[0]!, { to: "aborted", result: { code: "cancelled", discarded: true } })
      yield* openOne
      expect((yield* Effect.flip(openOne))._tag).toBe("TooManySessions")
    }).pipe(Effect.provide(store({ sessions: { maxOpen: 3 } }))),
  )

  it.effect("lists come newest first, filtered, in pages that new sessions don't shift", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const projects = yield* Effect.forEach(upTo(5), () => openOne)
      const run = yield* sessions.open("run", runRequest())
      yield* walk(projects[2]!, toDone)
      const all = yield* sessions.list({})
      expect(all.sessions.map(({ sessionId }) => sessionId)).toEqual(
        [...projects, run.session.sessionId].reverse(),
      )
      expect(all.nextCursor).toBeNull()
      expect((yield* sessions.list({ kind: "run" })).sessions.length).toBe(1)
      expect((yield* sessions.list({ state: "done" })).sessions.map(({ sessionId }) => sessionId)).toEqual([
        projects[2],
      ])
      const first = yield* sessions.list({ limit: 4 })
      yield* openOne
      const second = yield* sessions.list({ limit: 4, cursor: first.nextCursor! })
      expect([...first.sessions, ...second.sessions]).toEqual((yield* sessions.list({})).sessions.slice(1))
      expect(second.nextCursor).toBeNull()
      for (const cursor of ["no cursor", "", "-1", "1e3", "9".repeat(16), 3 as never, null as never]) {
        expect((yield* sessions.list({ cursor })).sessions.length).toBe(7)
      }
      for (const limit of [0, -1, 0.5, Number.NEGATIVE_INFINITY, 1]) {
        expect((yield* sessions.list({ limit })).sessions.length).toBe(1)
      }
      for (const limit of [Number.NaN, Number.POSITIVE_INFINITY, 1e9, "2" as never, 2n as never]) {
        expect((yield* sessions.list({ limit })).sessions.length).toBe(7)
      }
    }).pipe(Effect.provide(store())),
  )

  it.effect(
    "a session is abandoned when the latest sign of life is old enough, and only while it waits",
    () =>
      Effect.gen(function* () {
        const sessions = yield* SessionStore
        const id = yield* openOne
        const abandoned = sessions.abandonedOlderThan("1 hour")
        yield* walk(id, toDone.slice(0, 3))
        yield* TestClock.adjust("3 hours")
        expect(yield* abandoned).toEqual([])
        yield* walk(id, toDone.slice(3, 4))
        yield* TestClock.adjust("59 minutes")
        expect(yield* abandoned).toEqual([])
        yield* sessions.heartbeat(id)
        yield* TestClock.adjust("59 minutes")
        expect(yield* abandoned).toEqual([])
        yield* sessions.noteAttempt(id)
        yield* TestClock.adjust("60 minutes")
        expect(yield* abandoned).toEqual([])
        yield* TestClock.adjust("1 millis")
        expect(yield* abandoned).toEqual([id])
        yield* sessions.heartbeat(id)
        expect(yield* abandoned).toEqual([])
      }).pipe(Effect.provide(store())),
  )

  it.effect(
    "ended sessions are forgotten by age and beyond a number, the oldest first; open ones never",
    () =>
      Effect.gen(function* () {
        const sessions = yield* SessionStore
        const ids = yield* Effect.forEach(upTo(6), () => openOne)
        for (const id of ids.slice(0, 5)) {
          yield* sessions.transition(id, { to: "aborted", result: { code: "cancelled", discarded: true } })
          yield* TestClock.adjust("1 minute")
        }
        expect(yield* sessions.forget({ age: "1 day", atMost: 3 })).toBe(2)
        const left = (yield* sessions.list({})).sessions.map(({ sessionId }) => sessionId)
        expect(left).toEqual([ids[5], ids[4], ids[3], ids[2]])
        yield* TestClock.adjust("30 days")
        expect(yield* sessions.forget({ age: "1 day", atMost: 3 })).toBe(3)
        expect((yield* sessions.list({})).sessions.map(({ sessionId }) => sessionId)).toEqual([ids[5]])
      }).pipe(Effect.provide(store())),
  )

  it.effect("unknown ids are typed errors, but for signs of life, which are ignored", () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const id = "00000000-0000-4000-8000-000000000000" as SessionId
      expect((yield* Effect.flip(sessions.get(id)))._tag).toBe("SessionNotFound")
      expect((yield* Effect.flip(sessions.transition(id, toDone[0]!)))._tag).toBe("SessionNotFound")
      expect((yield* Effect.flip(collect(id)))._tag).toBe("SessionNotFound")
      yield* sessions.heartbeat(id)
      yield* sessions.noteAttempt(id)
      yield* sessions.emit(id, { kind: "warning", message: "nobody hears it" })
    }).pipe(Effect.provide(store())),
  )
}
