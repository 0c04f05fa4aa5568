import { Schema } from "effect"
import { SyncLevel } from "./SyncJob.ts"
import { wireStruct } from "./wire.ts"

/** How a file stands to what is on record of it. `docs/drift.md` tells what each means. */
export const DriftStatus = Schema.Literal(
  "same",
  "changed",
  "missing",
  "added",
  "cleaned",
  "not_reproduced",
  "not_verifiable",
)
export type DriftStatus = typeof DriftStatus.Type

/** Where it is on record what a file holds. */
export const DriftSource = Schema.Literal("published", "rendered", "readme", "recorded", "synced")
export type DriftSource = typeof DriftSource.Type

export const DriftExpectation = wireStruct({
  source: DriftSource,
  sha256: Schema.String,
  /** Bytes; null where the source doesn't say. */
  size: Schema.NullOr(Schema.Int),
  /** Whether that is what the file holds; null where nobody could look. */
  agrees: Schema.NullOr(Schema.Boolean),
})
export type DriftExpectation = typeof DriftExpectation.Type

export const DriftOrigin = Schema.Literal(
  "rendered",
  "copied",
  "plugin",
  "readme",
  "record",
  "directory",
  "other",
)
export type DriftOrigin = typeof DriftOrigin.Type

export const FileDrift = wireStruct({
  /** Relative, `/` between segments, and at the end of a directory's. A byte that isn't UTF-8 is written `\xff`. */
  path: Schema.String,
  origin: DriftOrigin,
  status: DriftStatus,
  /** For people; null where the status says it all. */
  detail: Schema.NullOr(Schema.String),
  expected: Schema.Array(DriftExpectation),
  /** What is there; without a digest where nothing is on record to compare it with. */
  found: Schema.NullOr(Schema.Struct({ size: Schema.Int, sha256: Schema.NullOr(Schema.String) })),
})
export type FileDrift = typeof FileDrift.Type

/** Whether a source could be used: `partly` where its records lack something, `broken` where that is drift itself. */
export const DriftSourceState = wireStruct({
  source: DriftSource,
  state: Schema.Literal("compared", "partly", "none", "broken"),
  detail: Schema.NullOr(Schema.String),
})
export type DriftSourceState = typeof DriftSourceState.Type

/** The template that a directory was made from, as it is now. */
export const TemplateDrift = wireStruct({
  name: Schema.String,
  version: Schema.String,
  sourcePath: Schema.String,
  status: Schema.Literal("matches", "changed", "missing", "unusable", "not_recorded"),
  /** Null in records that don't say. */
  recordedDigest: Schema.NullOr(Schema.String),
  foundDigest: Schema.NullOr(Schema.String),
  detail: Schema.NullOr(Schema.String),
})
export type TemplateDrift = typeof TemplateDrift.Type

/** How a published directory differs from what is on record of it. */
export const DriftReport = wireStruct({
  /** Absolute. */
  path: Schema.String,
  level: SyncLevel,
  /** True when nothing drifted, and everything on record could be compared. */
  ok: Schema.Boolean,
  template: TemplateDrift,
  sources: Schema.Array(DriftSourceState),
  counts: Schema.Record({ key: DriftStatus, value: Schema.Int }),
  /** Sorted by path. */
  files: Schema.Array(FileDrift),
})
export type DriftReport = typeof DriftReport.Type
