import { Either, Schema } from "effect"
import { IllegalTransition } from "./Errors.ts"

/** Where a creation session stands. See `docs/sessions.md`. */
export const SessionState = Schema.Literal(
  "pending",
  "validating",
  "rendering",
  "plugin_pass",
  "input_required",
  "cache_write",
  "post_validate",
  "sync_queued",
  "done",
  "failed",
  "aborted",
)
export type SessionState = typeof SessionState.Type

/** What a session is doing, as subscribers are told. */
export const Phase = Schema.Literal(
  "validating_inputs",
  "rendering_template",
  "running_plugins",
  "input_required",
  "writing_cache",
  "validating_post_creation",
  "queueing_nas_sync",
  "done",
)
export type Phase = typeof Phase.Type

/** The whole table of edges: 9 forward, 16 to the two unhappy ends. Nothing else is legal. */
export const edges = {
  pending: ["validating", "failed", "aborted"],
  validating: ["rendering", "failed", "aborted"],
  rendering: ["plugin_pass", "failed", "aborted"],
  plugin_pass: ["input_required", "cache_write", "failed", "aborted"],
  input_required: ["plugin_pass", "failed", "aborted"],
  cache_write: ["post_validate", "failed", "aborted"],
  post_validate: ["sync_queued", "failed", "aborted"],
  sync_queued: ["done", "failed", "aborted"],
  done: [],
  failed: [],
  aborted: [],
} as const satisfies Record<SessionState, ReadonlyArray<SessionState>>

type Edges = typeof edges

/** The states from which `To` may be entered. */
export type SourceOf<To extends SessionState> = {
  [From in SessionState]: To extends Edges[From][number] ? From : never
}[SessionState]

/** The states that every member of `From` may go to: a target must be legal for all of a union. */
export type Next<From extends SessionState> = {
  [To in SessionState]: [From] extends [SourceOf<To>] ? To : never
}[SessionState]

export type TerminalState = "done" | "failed" | "aborted"

export const isTerminal = (state: SessionState): state is TerminalState => edges[state].length === 0

const phases: Record<SessionState, Phase | null> = {
  pending: null,
  validating: "validating_inputs",
  rendering: "rendering_template",
  plugin_pass: "running_plugins",
  input_required: "input_required",
  cache_write: "writing_cache",
  post_validate: "validating_post_creation",
  sync_queued: "queueing_nas_sync",
  done: "done",
  failed: null,
  aborted: null,
}

/** The phase that belongs to a state; `pending`, `failed` and `aborted` have none. */
export const stateToPhase = (state: SessionState): Phase | null => phases[state]

/** Whether `from → to` is one of the 25 edges. */
export const isEdge = (from: SessionState, to: SessionState): boolean =>
  (edges[from] as ReadonlyArray<SessionState>).includes(to)

/** Names an edge in code: an illegal one does not compile, also where the source is a union. */
export const edge = <const From extends SessionState, const To extends Next<From>>(
  from: From,
  to: To,
): readonly [From, To] => [from, to]

/** The check for ends that are only known at run time. */
export const assertTransition = (
  from: SessionState,
  to: SessionState,
): Either.Either<void, IllegalTransition> =>
  isEdge(from, to) ? Either.void : Either.left(new IllegalTransition({ from, to }))
