import { DateTime, Effect, Ref } from "effect"
import type { AbortCode } from "../domain/Session.ts"
import type { Settings } from "../domain/Settings.ts"
import type { SessionStore } from "../ports/SessionStore.ts"
import { end } from "./ending.ts"
import { Hurry } from "./Hurry.ts"
import type { SessionFibers } from "./SessionFibers.ts"

type Limits = Settings["sessions"]

/** One round: ends sessions that nobody answers, forgets old ended ones. It waits for neither. */
const collectGarbage = Effect.fn("CreationController.collectGarbage")(function* (
  store: SessionStore["Type"],
  fibers: SessionFibers,
  limits: Limits,
) {
  const age = `${limits.abandonAfterSeconds} seconds` as const
  const cutoff = DateTime.subtractDuration(yield* DateTime.now, age)
  for (const id of yield* store.abandonedOlderThan(age)) {
    yield* Effect.ignore(end(store, fibers, id, { code: "session_abandoned", discardFiles: true }, cutoff))
  }
  yield* store.forget({ age: `${limits.retainTerminalHours} hours`, atMost: limits.retainTerminalCount })
})

/** Rounds for ever: one that breaks is logged, and the next one comes. */
export const garbageCollector = (store: SessionStore["Type"], fibers: SessionFibers, limits: Limits) =>
  collectGarbage(store, fibers, limits).pipe(
    Effect.catchAllCause((cause) => Effect.logError("a round of the session clean-up failed", cause)),
    Effect.delay(`${limits.gcIntervalSeconds} seconds`),
    Effect.forever,
    Effect.interruptible,
  )

const shutdownCode: AbortCode = "shutdown"

/**
 * Sessions that wait for a person end at once, working ones may finish within the limit, or until somebody is
 * in a hurry, then the rest is ended, too. Returns when every session's clean-up is over.
 */
export const shutDown = Effect.fn("CreationController.shutDown")(function* (
  store: SessionStore["Type"],
  fibers: SessionFibers,
  limits: Limits,
  closing: Ref.Ref<boolean>,
) {
  const endAll = (only: (state: string) => boolean) =>
    Effect.gen(function* () {
      for (const id of yield* fibers.ids) {
        const session = yield* Effect.option(store.get(id))
        if (session._tag === "None" || !only(session.value.state)) continue
        yield* Effect.ignore(end(store, fibers, id, { code: shutdownCode, discardFiles: true }))
      }
    })
  const awaitAll = Effect.flatMap(fibers.ids, (ids) =>
    Effect.forEach(ids, (id) => fibers.awaitEnd(id), { concurrency: "unbounded", discard: true }),
  )
  yield* Ref.set(closing, true)
  yield* endAll((state) => state === "input_required")
  // In fibers of the time limit's own: this one may have been interrupted, and would not wait at all.
  yield* awaitAll.pipe(
    Effect.raceFirst(yield* Hurry),
    Effect.interruptible,
    Effect.timeoutOption(`${limits.shutdownGraceSeconds} seconds`),
  )
  yield* endAll(() => true)
  yield* awaitAll
})
