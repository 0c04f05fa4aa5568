import { Schema } from "effect"
import { ErrorEnvelope } from "./Errors.ts"
import { Field } from "./Field.ts"
import { AbortedResult, DoneResult } from "./Session.ts"
import { Phase } from "./SessionState.ts"
import { wireStruct } from "./wire.ts"

const frame = <const Kind extends string>(kind: Kind) => ({
  kind: Schema.Literal(kind),
  /** 1, 2, 3 … without a gap; in `progress`: that of the last numbered event. */
  seq: Schema.Int,
  at: Schema.DateTimeUtc,
})

/** A state with a phase was entered. `input_required` and `done` have frames of their own. */
export const PhaseEvent = wireStruct({ ...frame("phase"), phase: Phase })

/** Not numbered and not kept; may be dropped for a slow reader. */
export const ProgressEvent = wireStruct({
  ...frame("progress"),
  phase: Phase,
  current: Schema.Int,
  total: Schema.Int,
  detail: Schema.optionalWith(Schema.String, { exact: true }),
})

export const InputRequiredEvent = wireStruct({
  ...frame("input_required"),
  promptId: Schema.String,
  plugin: Schema.String,
  reason: Schema.String,
  fields: Schema.Array(Field),
  file: Schema.optionalWith(Schema.String, { exact: true }),
})

/** Something is off, the session goes on. */
export const WarningEvent = wireStruct({
  ...frame("warning"),
  phase: Schema.NullOr(Phase),
  message: Schema.String,
  code: Schema.optionalWith(Schema.String, { exact: true }),
})

export const DoneEvent = wireStruct({ ...frame("done"), result: DoneResult })

export const FailedEvent = wireStruct({
  ...frame("failed"),
  /** What the session was doing. */
  phase: Schema.NullOr(Phase),
  error: ErrorEnvelope,
})

export const AbortedEvent = wireStruct({ ...frame("aborted"), result: AbortedResult })

/** One frame of a session's stream. The last one is `done`, `failed` or `aborted`. */
export const SessionEvent = Schema.Union(
  PhaseEvent,
  ProgressEvent,
  InputRequiredEvent,
  WarningEvent,
  DoneEvent,
  FailedEvent,
  AbortedEvent,
)
export type SessionEvent = typeof SessionEvent.Type
export type ProgressEvent = typeof ProgressEvent.Type
export type NumberedEvent = Exclude<SessionEvent, ProgressEvent>

export const isTerminalEvent = (event: SessionEvent): boolean =>
  event.kind === "done" || event.kind === "failed" || event.kind === "aborted"
