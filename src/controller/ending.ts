import { type DateTime, Effect, Stream } from "effect"
import { SessionAlreadyCompleted } from "../domain/Errors.ts"
import type { SessionId } from "../domain/Session.ts"
import type { Ending } from "../domain/SessionEntry.ts"
import type { SessionStore } from "../ports/SessionStore.ts"
import type { SessionFibers } from "./SessionFibers.ts"

/**
 * Marks a session as ending and tells its fiber, in one step: nobody can mark it and leave it running. The
 * mark decides every race; the interruption only makes it quick.
 */
export const end = (
  store: SessionStore["Type"],
  fibers: SessionFibers,
  id: SessionId,
  ending: Ending,
  idleSince?: DateTime.Utc,
) =>
  store.markEnding(id, ending, idleSince).pipe(
    Effect.tap((found) => (found === "marked" ? fibers.interrupt(id) : Effect.void)),
    Effect.uninterruptible,
  )

/** Ends a session for a person, and waits until it has ended. */
export const cancel = (store: SessionStore["Type"], fibers: SessionFibers) =>
  Effect.fn("CreationController.cancel")(function* (
    id: SessionId,
    options?: { readonly discardFiles?: boolean | undefined },
  ) {
    yield* end(store, fibers, id, { code: "cancelled", discardFiles: options?.discardFiles ?? false })
    yield* fibers.awaitEnd(id)
    // Its fiber may not have been there yet: then its last event says when it has ended.
    yield* Stream.runDrain(store.subscribe(id, Number.MAX_SAFE_INTEGER))
    const { result, state } = yield* store.get(id)
    if (result !== null && "discarded" in result) return result
    return yield* new SessionAlreadyCompleted({ sessionId: id, state })
  })
