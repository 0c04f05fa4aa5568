import { Context, Effect } from "effect"

const wellFormed = /^[A-Za-z0-9._-]{8,128}$/

/** Names one HTTP request in its answer, in its log lines and in its span. */
export class TraceId extends Context.Reference<TraceId>()("exlab-wizard/TraceId", {
  defaultValue: () => "",
}) {}

/** The caller's own id when it is one, otherwise a new one. */
export const traceIdOf = (given: string | undefined): Effect.Effect<string> =>
  Effect.sync(() =>
    given !== undefined && wellFormed.test(given) ? given : crypto.randomUUID().replaceAll("-", ""),
  )
