import { Cause, Effect, Either, Option, Ref } from "effect"
import { parentPath } from "../domain/Destination.ts"
import { internalError, type SessionError, toEnvelope } from "../domain/Errors.ts"
import type { AbortCode, AbortedResult } from "../domain/Session.ts"
import type { Transition } from "../domain/SessionEntry.ts"
import { Disk } from "../ports/Disk.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { WizardLog } from "../ports/WizardLog.ts"
import { abridge } from "./abridge.ts"
import { cutOff, type SessionFrame, warnOnFailure } from "./SessionFrame.ts"

const traceId = Effect.map(Effect.option(Effect.currentSpan), (span) =>
  Option.getOrUndefined(Option.map(span, (current) => current.traceId)),
)

const aborted = (frame: SessionFrame, code: AbortCode) =>
  Effect.map(Ref.get(frame.holding), (held): Transition => {
    const result: AbortedResult =
      held._tag === "Kept" ? { code, discarded: false, path: held.path } : { code, discarded: true }
    return { to: "aborted", result }
  })

const failed = (cause: Cause.Cause<SessionError>) =>
  Effect.gen(function* () {
    const trace = yield* traceId
    const envelope = Option.flatMap(Cause.failureOption(cause), (failure) =>
      Option.getRight(Either.try(() => toEnvelope(failure, trace))),
    )
    if (Option.isSome(envelope)) return { to: "failed", error: envelope.value } as const
    yield* Effect.annotateLogs(
      Effect.logError("a session ended with a defect", cause),
      "trace_id",
      trace ?? "",
    )
    return { to: "failed", error: internalError(trace) } as const
  })

/** A log that doesn't come back keeps no session from its end. */
const patience = "5 seconds"

/** What happened, for the log of the folder above: the directory itself isn't there. */
const noteEnd = Effect.fnUntraced(function* (frame: SessionFrame, change: Transition) {
  if (change.to === "aborted") {
    const files = change.result.path === undefined ? "files deleted" : `files kept at ${change.result.path}`
    yield* frame.journal.note(`ended from outside: ${change.result.code}, ${files}`, "WARN")
  } else if (change.to === "failed") {
    yield* frame.journal.note(`failed: ${change.error.code}: ${change.error.message}`, "ERROR")
  }
  const store = yield* SessionStore
  const session = yield* Effect.option(store.get(frame.id))
  const lines = yield* frame.journal.take
  const destination = Option.flatMapNullable(session, (known) => known.destination)
  if (Option.isNone(destination)) return
  const folder = parentPath(destination.value)
  const log = yield* WizardLog
  const append = Effect.flatMap(Disk, (disk) => disk.lstat(folder)).pipe(
    Effect.flatMap((there) => (Option.isSome(there) ? log.append(folder, lines) : Effect.void)),
  )
  yield* warnOnFailure(frame, "the log was not written", () => append)
})

/** A request that never passed the gate may be of any size, and is remembered as long as others. */
const withoutBulk = Effect.fnUntraced(function* ({ id }: SessionFrame, change: Transition) {
  const store = yield* SessionStore
  const { destination, request } = yield* store.get(id)
  return destination === null ? { ...change, request: abridge(request) } : change
})

/**
 * Takes a session to its terminal state, whatever ended its fiber. A mark made before counts more than
 * what the fiber died of: who cancels is told that it was cancelled.
 */
export const settle = Effect.fn("settle")(function* (
  frame: SessionFrame,
  cause: Cause.Cause<SessionError>,
  unmarked: AbortCode,
) {
  const store = yield* SessionStore
  const ending = yield* store.ending(frame.id)
  const change = Option.isSome(ending)
    ? yield* aborted(frame, ending.value.code)
    : Cause.isInterruptedOnly(cause)
      ? yield* aborted(frame, unmarked)
      : yield* failed(cause)
  yield* warnOnFailure(frame, "the end was not noted", () => cutOff(noteEnd(frame, change), patience))
  yield* store.transition(frame.id, yield* withoutBulk(frame, change))
})
