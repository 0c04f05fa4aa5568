import { HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import { statusOf } from "../../src/api/ApiError.ts"
import type { ApiErrorCode } from "../../src/api/codesByStatus.ts"
import type { ErrorCode } from "../../src/domain/ErrorCode.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { TraceId } from "./TraceId.ts"

export interface Coded {
  readonly code: ErrorCode | ApiErrorCode
  readonly message: string
  readonly field?: string
  readonly details?: JsonObject
}

interface Envelope<Code extends string> {
  readonly code: Code
  readonly message: string
  readonly field?: string
  readonly details?: JsonObject
  readonly traceId: string
}

/** One for each code: the contract must list every one that a handler may answer with. */
type EnvelopeOf<Code extends string> = Code extends string ? Envelope<Code> : never

const envelopeOf = <E extends Coded>(error: E, traceId: string) => ({
  code: error.code,
  message: error.message,
  ...(error.field === undefined ? {} : { field: error.field }),
  ...(error.details === undefined ? {} : { details: error.details }),
  traceId,
})

/** Domain errors leave as the envelope that the contract declares, with the request's trace id. */
export const enveloped = <A, E extends Coded, R>(
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, EnvelopeOf<E["code"]>, R> =>
  Effect.catchAll(effect, (error) =>
    Effect.flatMap(TraceId, (traceId) => Effect.fail(envelopeOf(error, traceId) as EnvelopeOf<E["code"]>)),
  )

/** The same as a whole response, for what no handler's type says. */
export const envelopeResponse = (
  error: Coded,
  traceId: string,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): HttpServerResponse.HttpServerResponse => {
  const { traceId: trace_id, ...rest } = envelopeOf(error, traceId)
  return HttpServerResponse.unsafeJson(
    { ...rest, trace_id },
    { status: options.status ?? statusOf(error.code), headers: options.headers ?? {} },
  )
}
