import { DateTime, Either, List } from "effect"
import { type CreateRequest, maxNoteLength, type SessionKind } from "./CreateRequest.ts"
import type { ErrorEnvelope } from "./Errors.ts"
import type { Prompt } from "./Plugin.ts"
import type { AbortCode, AbortedResult, DoneResult, Session, SessionId } from "./Session.ts"
import type { NumberedEvent, ProgressEvent } from "./SessionEvent.ts"
import { isEdge, isTerminal, type SessionState, type SourceOf, stateToPhase } from "./SessionState.ts"

/** Why a session is being ended from outside, and what becomes of its files. */
export interface Ending {
  readonly code: AbortCode
  readonly discardFiles: boolean
}

interface Payloads {
  readonly validating: object
  readonly rendering: { readonly destination: string }
  /** With `promptId`: only if that prompt is the one that waits. */
  readonly plugin_pass: { readonly promptId?: string }
  readonly input_required: { readonly prompt: Prompt }
  readonly cache_write: object
  readonly post_validate: object
  readonly sync_queued: object
  readonly done: { readonly result: DoneResult }
  readonly failed: Refused & { readonly error: ErrorEnvelope }
  readonly aborted: Refused & { readonly result: AbortedResult }
}

interface Refused {
  /** What is kept of a request that the gate didn't let pass. */
  readonly request?: CreateRequest
}

/**
 * One step of a session, with what belongs to its new state. An edge that isn't in the table doesn't
 * compile. The two unhappy ends may leave `from` out: they are reached from wherever the session is.
 */
export type Transition = {
  [To in keyof Payloads]: Payloads[To] & {
    readonly to: To
  } & (To extends "failed" | "aborted" ? { readonly from?: SourceOf<To> } : { readonly from: SourceOf<To> })
}[keyof Payloads]

/** Everything that is known of a session: the record, its numbered events, and what the GC needs. */
export interface SessionEntry {
  readonly session: Session
  /** Counts up with every session opened: the order of lists. */
  readonly ordinal: number
  /** Newest first: a long one grows without being copied. */
  readonly log: List.List<NumberedEvent>
  /** The newest progress of the last few steps, oldest first. */
  readonly progress: ReadonlyArray<{ readonly version: number; readonly event: ProgressEvent }>
  readonly ending: Ending | null
  /** When it last entered `input_required`. */
  readonly waitingSince: DateTime.Utc | null
  /** When somebody last tried to answer. */
  readonly attemptedAt: DateTime.Utc | null
  readonly endedAt: DateTime.Utc | null
}

/**
 * A blank one is none: it would join requests that have nothing to do with each other. Nor is one that is
 * too long to pass the gate.
 */
export const requestIdOf = ({ requestId }: CreateRequest): string | null =>
  typeof requestId === "string" && requestId.trim() !== "" && requestId.length <= maxNoteLength
    ? requestId
    : null

export const openEntry = (
  sessionId: SessionId,
  kind: SessionKind,
  request: CreateRequest,
  ordinal: number,
  now: DateTime.Utc,
): SessionEntry => ({
  session: {
    sessionId,
    requestId: requestIdOf(request),
    kind,
    state: "pending",
    request,
    destination: null,
    createdAt: now,
    lastHeartbeat: now,
    currentPhase: null,
    nextAction: "none",
    pendingInput: null,
    error: null,
    result: null,
  },
  ordinal,
  log: List.empty(),
  progress: [],
  ending: null,
  waitingSince: null,
  attemptedAt: null,
  endedAt: null,
})

const lastSeq = ({ log }: SessionEntry): number => (List.isCons(log) ? log.head.seq : 0)

/** Why a transition didn't happen; the entry is as it was. */
export type Refusal =
  | { readonly _tag: "Illegal"; readonly from: SessionState; readonly to: SessionState }
  | { readonly _tag: "OtherPrompt"; readonly state: SessionState }
  | { readonly _tag: "Ending"; readonly ending: Ending }

const refusalOf = (entry: SessionEntry, change: Transition): Refusal | null => {
  const { state, pendingInput } = entry.session
  if (!isEdge(state, change.to)) return { _tag: "Illegal", from: state, to: change.to }
  if (change.from !== undefined && change.from !== state) {
    return { _tag: "Illegal", from: state, to: change.to }
  }
  if (entry.ending !== null && change.to !== "failed" && change.to !== "aborted") {
    return { _tag: "Ending", ending: entry.ending }
  }
  if (
    change.to === "plugin_pass" &&
    change.promptId !== undefined &&
    pendingInput?.promptId !== change.promptId
  ) {
    return { _tag: "OtherPrompt", state }
  }
  return null
}

const changed = (session: Session, change: Transition): Session => ({
  ...session,
  request: "request" in change && change.request !== undefined ? change.request : session.request,
  state: change.to,
  currentPhase: stateToPhase(change.to),
  nextAction: change.to === "input_required" ? "awaiting_input" : "none",
  pendingInput: change.to === "input_required" ? change.prompt : null,
  destination: change.to === "rendering" ? change.destination : session.destination,
  error: change.to === "failed" ? change.error : null,
  result: change.to === "done" || change.to === "aborted" ? change.result : null,
})

const eventOf = (entry: SessionEntry, change: Transition, now: DateTime.Utc): NumberedEvent | null => {
  const seq = lastSeq(entry) + 1
  switch (change.to) {
    case "input_required":
      return { kind: "input_required", seq, at: now, ...change.prompt }
    case "done":
      return { kind: "done", seq, at: now, result: change.result }
    case "failed":
      return { kind: "failed", seq, at: now, phase: entry.session.currentPhase, error: change.error }
    case "aborted":
      return { kind: "aborted", seq, at: now, result: change.result }
    default: {
      const phase = stateToPhase(change.to)
      return phase === null ? null : { kind: "phase", seq, at: now, phase }
    }
  }
}

/** State, dependent fields and event in one step, or the reason why not. */
export const applyTransition = (
  entry: SessionEntry,
  change: Transition,
  now: DateTime.Utc,
): Either.Either<SessionEntry, Refusal> => {
  const refusal = refusalOf(entry, change)
  if (refusal !== null) return Either.left(refusal)
  const event = eventOf(entry, change, now)
  return Either.right({
    ...entry,
    session: changed(entry.session, change),
    log: event === null ? entry.log : List.prepend(entry.log, event),
    waitingSince: change.to === "input_required" ? now : entry.waitingSince,
    endedAt: isTerminal(change.to) ? now : null,
  })
}

/** What a session tells besides its states. */
export type Notice =
  | { readonly kind: "warning"; readonly message: string; readonly code?: string }
  | { readonly kind: "progress"; readonly current: number; readonly total: number; readonly detail?: string }

const rememberedSteps = 8

/** The newest progress takes the place of the one before it in the same phase. */
const withProgress = (entry: SessionEntry, event: ProgressEvent): SessionEntry => {
  const newest = entry.progress.at(-1)
  const kept = newest?.event.phase === event.phase ? entry.progress.slice(0, -1) : entry.progress
  const version = (newest?.version ?? 0) + 1
  return { ...entry, progress: [...kept, { version, event }].slice(-rememberedSteps) }
}

/** A warning is numbered and kept, a progress isn't; after the end there is neither. */
export const addNotice = (entry: SessionEntry, notice: Notice, now: DateTime.Utc): SessionEntry => {
  const { currentPhase: phase, state } = entry.session
  if (isTerminal(state)) return entry
  if (notice.kind === "warning") {
    const event: NumberedEvent = { seq: lastSeq(entry) + 1, at: now, phase, ...notice }
    return { ...entry, log: List.prepend(entry.log, event) }
  }
  return phase === null ? entry : withProgress(entry, { seq: lastSeq(entry), at: now, phase, ...notice })
}

/** What an attempt to end a session from outside found. */
export type Marked = "marked" | "ending_already" | "finishing" | "ended" | "not_idle"

/**
 * Marks a session as ending: from then on it goes nowhere but to its end. Not in the last step, which
 * nothing stops, and, with `idleSince`, only if it still waits without a sign of life since then.
 */
export const markEnding = (
  entry: SessionEntry,
  ending: Ending,
  idleSince?: DateTime.Utc,
): readonly [Marked, SessionEntry] => {
  const { state } = entry.session
  if (isTerminal(state)) return ["ended", entry]
  if (entry.ending !== null) return ["ending_already", entry]
  if (state === "sync_queued") return ["finishing", entry]
  if (idleSince !== undefined && !isAbandoned(entry, idleSince)) return ["not_idle", entry]
  return ["marked", { ...entry, ending }]
}

/** Whether it waits for input and nobody has given a sign of life since `cutoff`. */
export const isAbandoned = (entry: SessionEntry, cutoff: DateTime.Utc): boolean => {
  if (entry.session.state !== "input_required" || entry.ending !== null) return false
  const signs = [entry.session.lastHeartbeat, entry.waitingSince, entry.attemptedAt]
  return signs.every((sign) => sign === null || DateTime.lessThan(sign, cutoff))
}

/** How far a subscriber has read. `version` is null before its first read. */
export interface Cursor {
  readonly seq: number
  readonly version: number | null
}

export interface News {
  readonly events: ReadonlyArray<NumberedEvent | ProgressEvent>
  readonly cursor: Cursor
  /** Nothing comes after these. */
  readonly ended: boolean
}

const newestVersion = (entry: SessionEntry): number => entry.progress.at(-1)?.version ?? 0

const eventsAfter = ({ log }: SessionEntry, seq: number): ReadonlyArray<NumberedEvent> => {
  const events: Array<NumberedEvent> = []
  for (const event of log) {
    if (event.seq <= seq) break
    events.push(event)
  }
  return events.reverse()
}

/**
 * What a subscriber hasn't seen yet. Its first read replays the log and then the newest progress, if no
 * event came after it; later reads put each progress behind the event that it follows.
 */
export const newsAfter = (entry: SessionEntry, cursor: Cursor): News => {
  const events = eventsAfter(entry, cursor.seq)
  const ended = isTerminal(entry.session.state)
  const next = { seq: Math.max(cursor.seq, lastSeq(entry)), version: newestVersion(entry) }
  if (cursor.version === null) {
    const newest = entry.progress.at(-1)
    const current = newest !== undefined && newest.event.seq === next.seq
    return { events: current ? [...events, newest.event] : events, cursor: next, ended }
  }
  const seen = cursor.version
  const fresh = entry.progress.filter(({ version }) => version > seen).map(({ event }) => event)
  if (fresh.length === 0) return { events, cursor: next, ended }
  const before = fresh.filter((event) => event.seq === cursor.seq)
  const merged = events.flatMap((event) => [event, ...fresh.filter((step) => step.seq === event.seq)])
  return { events: [...before, ...merged], cursor: next, ended }
}
