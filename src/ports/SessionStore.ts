import { Context, type DateTime, type Duration, type Effect, type Option, Schema, type Stream } from "effect"
import type { CreateRequest, SessionKind } from "../domain/CreateRequest.ts"
import type {
  IllegalTransition,
  SessionNotAwaitingInput,
  SessionNotFound,
  TooManySessions,
} from "../domain/Errors.ts"
import { type Session, SessionId, type SessionFilter, type SessionPage } from "../domain/Session.ts"
import type { Ending, Marked, Notice, Transition } from "../domain/SessionEntry.ts"
import type { SessionEvent } from "../domain/SessionEvent.ts"
import type { SessionState } from "../domain/SessionState.ts"

/** The session is being ended from outside: it goes nowhere but to its end. */
export class SessionEnding extends Schema.TaggedError<SessionEnding>()("SessionEnding", {
  sessionId: SessionId,
}) {}

export interface Opened {
  readonly session: Session
  /** False when the request id was known: this is the session that it opened. */
  readonly fresh: boolean
}

/**
 * Sessions and their numbered events. What passes through is plain data with a schema, so that a store
 * may keep it in a file or elsewhere; fibers and whatever wakes them are the controller's.
 */
export class SessionStore extends Context.Tag("exlab-wizard/SessionStore")<
  SessionStore,
  {
    /** A new session in `pending`, or the one that this request id opened before. */
    readonly open: (kind: SessionKind, request: CreateRequest) => Effect.Effect<Opened, TooManySessions>
    readonly get: (id: SessionId) => Effect.Effect<Session, SessionNotFound>
    readonly list: (filter: SessionFilter) => Effect.Effect<SessionPage>
    /** How many sessions there are, by state; states without any are there, too. */
    readonly counts: Effect.Effect<Readonly<Record<SessionState, number>>>
    /**
     * State, dependent fields and event in one atomic update. `from` and `promptId` are conditions: of
     * two concurrent transitions that name the same ones, one happens.
     */
    readonly transition: (
      id: SessionId,
      change: Transition,
    ) => Effect.Effect<Session, SessionNotFound | IllegalTransition | SessionNotAwaitingInput | SessionEnding>
    /**
     * A `warning` is numbered and kept; a `progress` takes the place of the one before it. Nothing happens
     * when the session has ended or is forgotten.
     */
    readonly emit: (id: SessionId, notice: Notice) => Effect.Effect<void>
    /**
     * Every numbered event after `after` (default: from the first), in order, then live; ends after the
     * terminal event. Subscribers don't affect each other, and a slow one holds nobody up. A session that
     * is forgotten meanwhile is read to its end.
     */
    readonly subscribe: (id: SessionId, after?: number) => Stream.Stream<SessionEvent, SessionNotFound>
    /** A client's sign of life; unknown ids are ignored. */
    readonly heartbeat: (id: SessionId) => Effect.Effect<void>
    /** Notes that somebody tried to answer; unknown ids are ignored. */
    readonly noteAttempt: (id: SessionId) => Effect.Effect<void>
    /** Marks a session as ending; the first mark stays. See `Marked` for what it may find instead. */
    readonly markEnding: (
      id: SessionId,
      ending: Ending,
      idleSince?: DateTime.Utc,
    ) => Effect.Effect<Marked, SessionNotFound>
    /** The mark, if there is one. */
    readonly ending: (id: SessionId) => Effect.Effect<Option.Option<Ending>>
    /** Sessions that wait for input, aren't ending, and gave no sign of life for longer than `age`. */
    readonly abandonedOlderThan: (age: Duration.DurationInput) => Effect.Effect<ReadonlyArray<SessionId>>
    /**
     * Forgets ended sessions older than `age`, and the oldest beyond `atMost`; returns how many. Request
     * ids are forgotten with them.
     */
    readonly forget: (policy: {
      readonly age: Duration.DurationInput
      readonly atMost: number
    }) => Effect.Effect<number>
  }
>() {}
