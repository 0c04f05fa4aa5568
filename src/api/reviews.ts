import { Schema } from "effect"
import { Finding } from "../domain/Finding.ts"
import { wireStruct } from "../domain/wire.ts"
import * as examples from "./syncExamples.ts"

const verdictFields = {
  path: Schema.String,
  findings: Schema.Array(Finding),
  /** Whether a hard finding keeps it from being synced. */
  blocked: Schema.Boolean,
  /** As its record says now. */
  syncStatus: Schema.String,
}

/** How a directory stands after the gate has looked again. */
export const Verdict = wireStruct(verdictFields).annotations({
  identifier: "Verdict",
  examples: [examples.verdict],
})

/** What was put on record, and how the directory stands with it. */
export const Reviewed = wireStruct({ id: Schema.String, verdict: wireStruct(verdictFields) }).annotations({
  identifier: "Reviewed",
  examples: [examples.reviewed],
})

export const OverrideBody = wireStruct({
  path: Schema.String,
  /** The rule that is overruled. */
  problemClass: Schema.String,
  /** Stays on record. */
  reason: Schema.String,
  operator: Schema.String,
  /** ISO-8601; a time without a zone is UTC. Left out: until it is revoked. */
  expiresAt: Schema.optionalWith(Schema.String, { exact: true }),
}).annotations({ identifier: "Override", examples: [examples.override] })

export const RevokeBody = wireStruct({
  path: Schema.String,
  overrideId: Schema.String,
  reason: Schema.String,
  operator: Schema.String,
}).annotations({ identifier: "RevokeOverride", examples: [examples.revocation] })
