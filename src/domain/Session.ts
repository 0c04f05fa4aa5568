import { Schema } from "effect"
import { CreateRequest, SessionKind } from "./CreateRequest.ts"
import { ErrorEnvelope } from "./Errors.ts"
import { Finding } from "./Finding.ts"
import { Prompt } from "./Plugin.ts"
import { Phase, SessionState } from "./SessionState.ts"
import { SyncStatus } from "./SyncJob.ts"
import { wireStruct } from "./wire.ts"

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export const SessionId = Schema.String.pipe(
  Schema.pattern(uuid4, { message: () => "must be a UUID, version 4" }),
  Schema.brand("SessionId"),
)
export type SessionId = typeof SessionId.Type

export const NextAction = Schema.Literal("awaiting_input", "none")
export type NextAction = typeof NextAction.Type

/** What a finished session made. */
export const DoneResult = wireStruct({
  path: Schema.String,
  syncStatus: SyncStatus,
  /** Whether hard findings keep it from being synced. */
  blocked: Schema.Boolean,
  findings: Schema.Array(Finding),
})
export type DoneResult = typeof DoneResult.Type

export const AbortCode = Schema.Literal("cancelled", "session_abandoned", "shutdown")
export type AbortCode = typeof AbortCode.Type

/** How a session was ended from outside. */
export const AbortedResult = wireStruct({
  code: AbortCode,
  /** Whether its files were deleted, or there were none. */
  discarded: Schema.Boolean,
  /** Where the kept files are: a directory without a record, which audits report as an orphan. */
  path: Schema.optionalWith(Schema.String, { exact: true }),
})
export type AbortedResult = typeof AbortedResult.Type

/**
 * One creation session: plain data. Which fields are set follows from the state, and both change in the
 * same update: `pendingInput` exactly in `input_required`, `error` exactly in `failed`, `result` in `done`
 * and `aborted`, `currentPhase` always `stateToPhase(state)`.
 */
export const Session = wireStruct({
  sessionId: SessionId,
  requestId: Schema.NullOr(Schema.String),
  kind: SessionKind,
  state: SessionState,
  request: CreateRequest,
  /** Absolute path; null until the gate has passed it. */
  destination: Schema.NullOr(Schema.String),
  createdAt: Schema.DateTimeUtc,
  lastHeartbeat: Schema.DateTimeUtc,
  currentPhase: Schema.NullOr(Phase),
  nextAction: NextAction,
  pendingInput: Schema.NullOr(Prompt),
  error: Schema.NullOr(ErrorEnvelope),
  result: Schema.NullOr(Schema.Union(DoneResult, AbortedResult)),
})
export type Session = typeof Session.Type

/** The small snapshot that controller calls return. */
export const SessionHandle = wireStruct({
  sessionId: SessionId,
  state: SessionState,
  currentPhase: Schema.NullOr(Phase),
  nextAction: NextAction,
})
export type SessionHandle = typeof SessionHandle.Type

export const toHandle = (session: Session): SessionHandle => ({
  sessionId: session.sessionId,
  state: session.state,
  currentPhase: session.currentPhase,
  nextAction: session.nextAction,
})

export interface SessionFilter {
  readonly state?: SessionState | undefined
  readonly kind?: SessionKind | undefined
  /** At most this many: what is less than 1 counts as 1, more than 1000 as 1000. Default, also for NaN: 100. */
  readonly limit?: number | undefined
  /** `nextCursor` of the page before; anything else means the first page. */
  readonly cursor?: string | undefined
}

export interface SessionPage {
  /** Newest first. */
  readonly sessions: ReadonlyArray<Session>
  /** Null on the last page. */
  readonly nextCursor: string | null
}

/** Ends `awaitResult`: the session failed. */
export class SessionFailed extends Schema.TaggedError<SessionFailed>()("SessionFailed", {
  sessionId: SessionId,
  envelope: ErrorEnvelope,
}) {
  override get message(): string {
    return `session ${this.sessionId} failed: ${this.envelope.message}`
  }
}

/** Ends `awaitResult`: the session was ended from outside. */
export class SessionAborted extends Schema.TaggedError<SessionAborted>()("SessionAborted", {
  sessionId: SessionId,
  result: AbortedResult,
}) {
  override get message(): string {
    return `session ${this.sessionId} was aborted: ${this.result.code}`
  }
}
