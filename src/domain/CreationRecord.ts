import { Schema } from "effect"
import { LimsProject, RunKind } from "./CreateRequest.ts"
import { TrustedJsonObject } from "./Json.ts"
import { PluginStatus } from "./Plugin.ts"
import { SyncStatus } from "./SyncJob.ts"
import { FileOrigin, RunScope } from "./Template.ts"
import { wireStruct } from "./wire.ts"

/** The versions this service writes. See `docs/formats.md`. */
export const schemaVersions = {
  creation: "1.9",
  readmeFields: "1.1",
  equipment: "1.0",
  folder: "1.0",
  files: "1.0",
} as const

export const PluginRecord = wireStruct({
  plugin: Schema.String,
  version: Schema.String,
  filesAffected: Schema.Array(Schema.String),
  status: PluginStatus,
  isolation: Schema.optionalWith(
    wireStruct({ durationMs: Schema.Int, exitCode: Schema.Int, peakMemoryMb: Schema.Int }),
    { exact: true },
  ),
})

const Override = wireStruct({
  id: Schema.String,
  problemClass: Schema.String,
  operator: Schema.String,
  recordedAt: Schema.String,
  expiresAt: Schema.optionalWith(Schema.NullOr(Schema.String), { exact: true }),
  reason: Schema.String,
  revoked: Schema.Literal(false),
})
export type Override = typeof Override.Type

const Revocation = wireStruct({
  id: Schema.String,
  revokes: Schema.String,
  operator: Schema.String,
  recordedAt: Schema.String,
  reason: Schema.String,
  revoked: Schema.Literal(true),
})
export type Revocation = typeof Revocation.Type

export const ValidationOverride = Schema.Union(Override, Revocation)
export type ValidationOverride = typeof ValidationOverride.Type

/** `creation.json` as this service writes it. After the first write only the last two fields change. */
export const CreationRecord = wireStruct({
  schemaVersion: Schema.String,
  /** ISO-8601, UTC. */
  createdAt: Schema.String,
  /** The operator. */
  createdBy: Schema.String,
  level: Schema.Literal("project", "run"),
  runKind: RunKind,
  limsProject: LimsProject,
  template: wireStruct({
    name: Schema.String,
    version: Schema.String,
    sourcePath: Schema.String,
    runScope: RunScope,
  }),
  variables: TrustedJsonObject,
  pluginsApplied: Schema.Array(PluginRecord),
  paths: Schema.Struct({ local: Schema.String, nas: Schema.String }),
  orchestrator: wireStruct({
    enabled: Schema.Boolean,
    host: Schema.String,
    label: Schema.String,
    equipmentLabel: Schema.optionalWith(Schema.String, { exact: true }),
  }),
  requiredReadmeFieldIds: Schema.Array(Schema.String),
  /** Facts of this service's own, apart from what other tools know: session, digests, tiers, answers. */
  provenance: TrustedJsonObject,
  syncStatus: SyncStatus,
  validationOverrides: Schema.Array(ValidationOverride),
})
export type CreationRecord = typeof CreationRecord.Type

/** What a file holds, without holding it. */
export const FileDigest = Schema.Struct({
  /** Bytes. */
  size: Schema.Int,
  /** Hexadecimal. */
  sha256: Schema.String,
})
export type FileDigest = typeof FileDigest.Type

/** `files.json`: what every file of the tree was when it was published. */
export const FileEntry = wireStruct({
  path: Schema.String,
  origin: FileOrigin,
  size: Schema.Int,
  /** Null for a file that a plugin created. */
  sha256Rendered: Schema.NullOr(Schema.String),
  sha256: Schema.String,
  /** The file's path in the template; null when it has none. */
  source: Schema.NullOr(Schema.String),
})
export type FileEntry = typeof FileEntry.Type

export const FilesRecord = wireStruct({ schemaVersion: Schema.String, files: Schema.Array(FileEntry) })
export type FilesRecord = typeof FilesRecord.Type

/** `readme_fields.json`: the values and the prose of a README, enough to make it again byte for byte. */
export const ReadmeFields = wireStruct({
  schemaVersion: Schema.String,
  generatedAt: Schema.String,
  coreFields: Schema.Struct({ label: Schema.String, operator: Schema.String, objective: Schema.String }),
  templateFields: TrustedJsonObject,
  configFields: TrustedJsonObject,
  customFields: Schema.Array(Schema.Struct({ label: Schema.String, value: Schema.String })),
  systemFields: TrustedJsonObject,
  body: Schema.String,
})
export type ReadmeFields = typeof ReadmeFields.Type
