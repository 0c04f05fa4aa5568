import { Schema } from "effect"
import { RunKind } from "./CreateRequest.ts"
import { Finding } from "./Finding.ts"
import { OverrideHistory } from "./OverrideHistory.ts"
import { StoredReadmeFields, StoredRecord } from "./StoredRecord.ts"
import { SyncJob, SyncLevel, SyncProgress } from "./SyncJob.ts"
import { wireStruct } from "./wire.ts"

/** What a directory holds, its records included. A project's runs aren't part of it. */
export const TreeSizes = wireStruct({
  files: Schema.Number,
  directories: Schema.Number,
  /** Links and special files. */
  others: Schema.Number,
  /** Of the files. */
  bytes: Schema.Number,
  /** False when there is more than was counted. */
  complete: Schema.Boolean,
})
export type TreeSizes = typeof TreeSizes.Type

/** Everything that is to be said of one project or run as it is now. */
export const RunDetails = wireStruct({
  /** Absolute. */
  path: Schema.String,
  level: SyncLevel,
  equipmentId: Schema.String,
  /** The project's folder. */
  project: Schema.String,
  /** As its record says; by where it stands when that is null, or says no kind that is known here. */
  runKind: RunKind,
  /** `creation.json`, with defaults for what it leaves out; null when it can't be read, which is a finding. */
  record: Schema.NullOr(StoredRecord),
  /** `readme_fields.json`; null when there is none, or none that can be read. */
  readme: Schema.NullOr(StoredReadmeFields),
  /** Null when the directory can't be looked through. */
  findings: Schema.NullOr(Schema.Array(Finding)),
  /** Whether a hard finding keeps it from being synced; null like the findings. */
  blocked: Schema.NullOr(Schema.Boolean),
  overrides: OverrideHistory,
  /** Null when it was never queued. */
  syncJob: Schema.NullOr(SyncJob),
  /** How far the job is; null when nothing is being done for it just now. */
  syncProgress: Schema.NullOr(SyncProgress),
  sizes: TreeSizes,
  /** What couldn't be told, and why. */
  problems: Schema.Array(Schema.String),
})
export type RunDetails = typeof RunDetails.Type
