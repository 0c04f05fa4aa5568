import { Schema } from "effect"
import { JsonObject } from "../../src/domain/Json.ts"

const RefusalCode = Schema.Literal(
  "malformed_json",
  "malformed_request",
  "unauthorized",
  "forbidden_host",
  "forbidden_origin",
  "payload_too_large",
)

/** The service has not looked at what the request is about: it isn't one that it takes. */
export class RequestRefused extends Schema.TaggedError<RequestRefused>()("RequestRefused", {
  code: RefusalCode,
  message: Schema.String,
  details: Schema.optionalWith(JsonObject, { exact: true }),
  /** What the answer's head says besides. */
  headers: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { exact: true }),
}) {}
