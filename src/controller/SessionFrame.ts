import { Cause, Deferred, Duration, Effect, Fiber, Option, Ref } from "effect"
import type { Destination } from "../domain/Destination.ts"
import type { DestinationExists, DiskError, LockTimeout } from "../domain/Errors.ts"
import type { Session, SessionId } from "../domain/Session.ts"
import type { Transition } from "../domain/SessionEntry.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { type Kept, type Staging, Workspace } from "../ports/Workspace.ts"
import { type Journal, makeJournal } from "./journal.ts"
import type { Contact } from "./SessionFibers.ts"
import type { WorkingPlaces } from "./WorkingPlaces.ts"

/** What a session has on the disk. */
export type Holding =
  | { readonly _tag: "Nothing" }
  | { readonly _tag: "Claimed"; readonly area: Staging }
  | { readonly _tag: "Published" }
  /** It was cancelled, and its files were kept. */
  | { readonly _tag: "Kept"; readonly path: string }

/** What one session's fiber carries along: none of it is in the store. */
export interface SessionFrame {
  readonly id: SessionId
  readonly contact: Ref.Ref<Contact>
  readonly places: WorkingPlaces
  readonly journal: Journal
  readonly holding: Ref.Ref<Holding>
}

export const makeFrame = Effect.fnUntraced(function* (
  id: SessionId,
  contact: Ref.Ref<Contact>,
  places: WorkingPlaces,
) {
  const frame: SessionFrame = {
    id,
    contact,
    places,
    journal: yield* makeJournal,
    holding: yield* Ref.make<Holding>({ _tag: "Nothing" }),
  }
  return frame
})

/**
 * Takes the session to its next state. One that is being ended from outside stops here instead; anything
 * else in the way is a bug.
 */
export const advance = (id: SessionId, change: Transition): Effect.Effect<Session, never, SessionStore> =>
  Effect.flatMap(SessionStore, (store) => store.transition(id, change)).pipe(
    Effect.catchTag("SessionEnding", () => Effect.interrupt),
    Effect.orDie,
  )

/** Runs what must not fail the session: whatever goes wrong in it is a warning. */
export const warnOnFailure = <A, E, R>(
  frame: SessionFrame,
  what: string,
  effect: () => Effect.Effect<A, E, R>,
): Effect.Effect<Option.Option<A>, never, R | SessionStore> =>
  Effect.flatMap(Effect.exit(Effect.suspend(effect)), (exit) =>
    exit._tag === "Success"
      ? Effect.succeedSome(exit.value)
      : Effect.as(warnOf(frame, what, exit.cause), Option.none<A>()),
  )

const tooLate = (limit: Duration.DurationInput): Cause.TimeoutException =>
  new Cause.TimeoutException(`nothing came back within ${Duration.format(Duration.decode(limit))}`)

/**
 * Not waited for any longer than this, not only asked to stop: what won't be interrupted holds nothing up. In
 * a fiber of its own, since this one may have been interrupted already and be on its way out.
 */
export const cutOff = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  limit: Duration.DurationInput,
): Effect.Effect<A, E | Cause.TimeoutException, R> =>
  Effect.gen(function* () {
    const outcome = yield* Deferred.make<A, E | Cause.TimeoutException>()
    const late = Effect.delay(
      Deferred.failSync(outcome, () => tooLate(limit)),
      limit,
    )
    const working = yield* Effect.forkDaemon(Effect.intoDeferred(Effect.interruptible(effect), outcome))
    const timing = yield* Effect.forkDaemon(Effect.interruptible(late))
    return yield* Effect.ensuring(
      Deferred.await(outcome),
      Effect.fiberIdWith((id) =>
        Effect.zipRight(Fiber.interruptAsFork(timing, id), Fiber.interruptAsFork(working, id)),
      ),
    )
  })

const reasonOf = <E>(cause: Cause.Cause<E>): string => {
  const failure = Cause.failureOption(cause)
  if (Option.isSome(failure) && failure.value instanceof Error) return failure.value.message
  return Cause.isInterruptedOnly(cause)
    ? "it was interrupted"
    : "an unexpected error; the service's log has the details"
}

const codeOf = <E>(cause: Cause.Cause<E>): { readonly code?: string } => {
  const failure: unknown = Option.getOrUndefined(Cause.failureOption(cause))
  return typeof failure === "object" &&
    failure !== null &&
    "code" in failure &&
    typeof failure.code === "string"
    ? { code: failure.code }
    : {}
}

const warnOf = <E>(frame: SessionFrame, what: string, cause: Cause.Cause<E>) =>
  Effect.gen(function* () {
    const store = yield* SessionStore
    const message = `${what}: ${reasonOf(cause)}`
    // Of what was foreseen the message says all.
    yield* Option.isSome(Cause.failureOption(cause))
      ? Effect.logWarning(message)
      : Effect.logWarning(message, cause)
    yield* frame.journal.note(message, "WARN")
    yield* store.emit(frame.id, { kind: "warning", message, ...codeOf(cause) })
  }).pipe(Effect.exit, Effect.asVoid)

/** Takes the session's staging area. Whoever ends the session cleans it up. */
export const claim = (
  frame: SessionFrame,
  destination: Destination,
): Effect.Effect<Staging, DestinationExists | DiskError | LockTimeout, Workspace> =>
  Effect.flatMap(Workspace, (workspace) => workspace.claim(destination, frame.id)).pipe(
    Effect.tap((claimed) => Ref.set(frame.holding, { _tag: "Claimed", area: claimed })),
    Effect.uninterruptible,
  )

/** What isn't published is deleted, unless a person cancelled and wants the files. Once, however often it is called. */
export const cleanUp = (frame: SessionFrame) =>
  Effect.gen(function* () {
    const held = yield* Ref.getAndUpdate(frame.holding, (before): Holding =>
      before._tag === "Claimed" ? { _tag: "Nothing" } : before,
    )
    if (held._tag !== "Claimed") return
    const claimed = held.area
    const workspace = yield* Workspace
    const store = yield* SessionStore
    const ending = yield* store.ending(frame.id)
    const wanted = Option.exists(ending, ({ code, discardFiles }) => code === "cancelled" && !discardFiles)
    if (!wanted) {
      const discarding = () => workspace.discard(claimed)
      yield* warnOnFailure(frame, "the staging area could not be removed", discarding)
      return
    }
    const kept = yield* warnOnFailure(
      frame,
      `the files could not be moved; until the next start they are in ${claimed.tree}`,
      () => Effect.retry(workspace.keep(claimed), { times: 2 }),
    )
    const stranded = Option.some<Kept>({ path: claimed.tree, warnings: [] })
    yield* noteKept(
      frame,
      Option.getOrElse(kept, () => stranded),
    )
  }).pipe(Effect.uninterruptible)

const noteKept = (frame: SessionFrame, kept: Option.Option<Kept>) =>
  Effect.gen(function* () {
    if (Option.isNone(kept)) return
    yield* Ref.set(frame.holding, { _tag: "Kept", path: kept.value.path })
    for (const warning of kept.value.warnings) {
      yield* warnOf(frame, "after the files were kept", Cause.fail(warning))
    }
  })
