import { HttpApiSchema } from "@effect/platform"
import { Array, Schema } from "effect"
import type { ErrorCode } from "../domain/ErrorCode.ts"
import { JsonObject } from "../domain/Json.ts"
import { wireStruct } from "../domain/wire.ts"
import { type ApiErrorCode, codesByStatus, type ErrorStatus } from "./codesByStatus.ts"
import { errorMessages, traceId } from "./errorExamples.ts"

const meanings: Readonly<Record<ErrorStatus, string>> = {
  400: "The request is not one that this service understands.",
  401: "A token is needed, or the one that was sent is not right.",
  403: "The request names a host that this service isn't, or comes from a page of another origin.",
  404: "There is nothing of that name.",
  405: "There is something of that name, and it can't be used so; `allow` says how.",
  409: "What is there already, or the state of the session, is in the way.",
  413: "The body is larger than the service takes.",
  422: "The request is understood, and refused for what it says; `details.issues` has every problem.",
  429: "Too many sessions are open.",
  500: "Something broke; the service's log has the details under the trace id.",
  503: "The service can't do that now.",
}

const fields = {
  /** For people: what is wrong and what to do. Programs branch on `code`. */
  message: Schema.String,
  /** The wire path of the field that is to blame, when it is one. */
  field: Schema.optionalWith(Schema.String, { exact: true }),
  details: Schema.optionalWith(JsonObject, { exact: true }),
  /** The same as in the header `x-trace-id` and in the service's log. */
  traceId: Schema.optionalWith(Schema.String, { exact: true }),
}

const exampleOf = <Code extends ApiErrorCode>(code: Code) => ({
  code,
  message: errorMessages[code],
  traceId,
})

const envelope = <const Codes extends readonly [ApiErrorCode, ...ReadonlyArray<ApiErrorCode>]>(
  status: ErrorStatus,
  codes: Codes,
) =>
  wireStruct({ code: Schema.Literal(...codes), ...fields })
    .annotations({ examples: Array.map(codes, exampleOf) })
    .annotations(
      HttpApiSchema.annotations({ status, identifier: `Error${status}`, description: meanings[status] }),
    )

export const Malformed = envelope(400, codesByStatus[400])
export const Unauthorized = envelope(401, codesByStatus[401])
export const Forbidden = envelope(403, codesByStatus[403])
export const NotFound = envelope(404, codesByStatus[404])
export const NotAllowed = envelope(405, codesByStatus[405])
export const Conflict = envelope(409, codesByStatus[409])
export const TooLarge = envelope(413, codesByStatus[413])
export const Refused = envelope(422, codesByStatus[422])
export const TooMany = envelope(429, codesByStatus[429])
export const Broken = envelope(500, codesByStatus[500])
export const Unavailable = envelope(503, codesByStatus[503])

const entries = Object.entries(codesByStatus).flatMap(([status, codes]) =>
  codes.map((code) => [code, Number(status)] as const),
)

const statuses = new Map<string, number>(entries)

/** The HTTP status of a code; 500 for one that nobody listed. */
export const statusOf = (code: ErrorCode | ApiErrorCode): number => statuses.get(code) ?? 500
