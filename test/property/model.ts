import type { SessionState } from "../../src/domain/SessionState.ts"
import type { Plan } from "../support/StopPoints.ts"

/** What a history tells a session to be. */
export interface SessionPlan extends Plan {
  /** How often its plugin asks. */
  readonly prompts: number
}

/** The small model of a session: where it rests, and what is known of it from outside. */
export interface Model {
  readonly plan: SessionPlan
  readonly state: SessionState
  /** Steps of its own fiber that are done. */
  readonly steps: number
  /** Prompts shown so far. */
  readonly asked: number
  /** Whether it stands before its next step. */
  readonly stopped: boolean
  /** Minutes of the clock at the last sign of life. */
  readonly sign: number
  /** How it was ended from outside. */
  readonly aborted: { readonly code: string; readonly discarded: boolean } | null
  /** Somebody waits for it to be over. */
  readonly cancelling: boolean
}

/** The states that a session's own fiber goes through, in order. */
const route = (prompts: number): ReadonlyArray<SessionState> => [
  "validating",
  "rendering",
  "plugin_pass",
  ...Array.from({ length: prompts }, () => "input_required" as const),
  "cache_write",
  "post_validate",
  "sync_queued",
  "done",
]

export const isOver = (model: Model): boolean =>
  model.state === "done" || model.state === "failed" || model.state === "aborted"

export const opened = (plan: SessionPlan, now: number): Model => ({
  plan,
  state: "pending",
  steps: 0,
  asked: 0,
  stopped: false,
  sign: now,
  aborted: null,
  cancelling: false,
})

/** Publishing happens on the way from `sync_queued` to `done`. */
const published = (model: Model): Model =>
  model.plan.publish === "taken"
    ? { ...model, state: "failed" }
    : model.plan.publish === "interrupted"
      ? { ...model, state: "aborted", aborted: { code: "cancelled", discarded: true } }
      : model

/** Runs on until it rests: stopped, asking, or over. */
export const settle = (model: Model, now: number, released = false): Model => {
  if (isOver(model) || (model.stopped && !released)) return model
  const next = route(model.plan.prompts)[model.steps]
  if (next === undefined) return model
  if (model.state === "sync_queued" && !released) {
    const after = published(model)
    if (isOver(after)) return after
  }
  if (!released && model.plan.stopBefore.includes(model.steps)) return { ...model, stopped: true }
  const going = { ...model, stopped: false }
  if (model.plan.dieBefore === model.steps) return { ...going, state: "failed" }
  const arrived: Model = { ...going, state: next, steps: model.steps + 1 }
  if (next === "input_required") {
    return model.plan.dieAsking
      ? { ...arrived, state: "failed" }
      : { ...arrived, asked: model.asked + 1, sign: now }
  }
  return settle(arrived, now)
}

/** The answer's commit takes it back to `plugin_pass`; from there it runs on. */
export const answered = (model: Model, now: number): Model =>
  settle({ ...model, state: "plugin_pass", sign: now }, now)

/** The stop in `rendering` lies behind the work of that state. */
const rendered = (model: Model): boolean => model.steps >= 2

/** Ended from outside while it rests anywhere but in the last step. */
export const ended = (model: Model, code: string, discard: boolean): Model => ({
  ...model,
  state: "aborted",
  stopped: false,
  aborted: { code, discarded: discard || !rendered(model) },
})
