import { Either, Schema } from "effect"
import { type LimsProject, LimsSource, RunKind } from "./CreateRequest.ts"
import { FileEntry, type ReadmeFields, schemaVersions } from "./CreationRecord.ts"
import { TrustedJsonObject } from "./Json.ts"
import { PluginStatus } from "./Plugin.ts"
import { decodeRecord, openRecord, type RecordFile, type RecordProblem } from "./RecordFile.ts"
import { SyncStatus } from "./SyncJob.ts"
import { RunScope } from "./Template.ts"
import { wireStruct } from "./wire.ts"

/**
 * Records as they are read: other writers leave out what has a default, older minor versions lack fields,
 * newer ones have more of them and more values in their enumerations. See `docs/formats.md`.
 */

const absent = <A, I>(schema: Schema.Schema<A, I>, fallback: () => A) =>
  Schema.optionalWith(schema, { default: fallback, nullable: true })

const text = absent(Schema.String, () => "")

const StoredOverride = wireStruct({
  /** Empty when the entry has none. */
  id: text,
  problemClass: text,
  /** The id of what it revokes; empty for an override. */
  revokes: text,
  operator: text,
  recordedAt: text,
  /** As it stands there: one that can't be read counts as passed. */
  expiresAt: Schema.optionalWith(Schema.Unknown, { exact: true }),
  reason: text,
  revoked: absent(Schema.Boolean, () => false),
})
/** An entry of `validation_overrides`: an override, or the tombstone of one. */
export type StoredOverride = typeof StoredOverride.Type

type Word = <A extends string>(known: Schema.Schema<A>) => Schema.Schema<string>

const closedWord: Word = (known) => {
  const isKnown = Schema.is(known)
  return Schema.String.pipe(
    Schema.filter((word): boolean => isKnown(word), { message: () => `must be ${String(known.ast)}` }),
  )
}

const openWord: Word = () => Schema.String

const limsFields = (word: Word) =>
  wireStruct({
    uid: text,
    shortId: text,
    nameAtCreation: text,
    source: absent(word(LimsSource), () => "live"),
    cacheFreshnessAtUse: Schema.optionalWith(Schema.NullOr(Schema.String), { exact: true }),
  })

const templateFields = (word: Word) =>
  wireStruct({ name: text, version: text, sourcePath: text, runScope: absent(word(RunScope), () => "both") })

const pluginFields = (word: Word) =>
  wireStruct({
    plugin: text,
    version: text,
    filesAffected: absent(Schema.Array(Schema.String), () => []),
    status: word(PluginStatus),
  })

const Paths = Schema.Struct({ local: text, nas: text })

const Orchestrator = wireStruct({
  enabled: absent(Schema.Boolean, () => false),
  host: text,
  label: text,
  equipmentLabel: text,
})

const noTemplate = { name: "", version: "", sourcePath: "", runScope: "both" }
const noOrchestrator = { enabled: false, host: "", label: "", equipmentLabel: "" }

const recordFields = (word: Word) =>
  wireStruct({
    schemaVersion: Schema.String,
    createdAt: text,
    createdBy: text,
    level: word(Schema.Literal("project", "run")),
    runKind: absent(word(RunKind), () => "experimental"),
    limsProject: Schema.optionalWith(limsFields(word), { nullable: true }),
    template: absent(templateFields(word), () => noTemplate),
    variables: absent(TrustedJsonObject, () => ({})),
    pluginsApplied: absent(Schema.Array(pluginFields(word)), () => []),
    paths: absent(Paths, () => ({ local: "", nas: "" })),
    orchestrator: absent(Orchestrator, () => noOrchestrator),
    requiredReadmeFieldIds: absent(Schema.Array(Schema.String), () => []),
    provenance: absent(TrustedJsonObject, () => ({})),
    syncStatus: absent(word(SyncStatus), () => "pending"),
    validationOverrides: absent(Schema.Array(StoredOverride), () => []),
  })

/** `creation.json` as it was read. Enumerations are text: a newer minor version may have more values. */
export const StoredRecord = recordFields(openWord)
export type StoredRecord = typeof StoredRecord.Type

const ClosedRecord = recordFields(closedWord)

export interface StoredCreation {
  readonly file: RecordFile
  readonly record: StoredRecord
}

/**
 * Reads a `creation.json` of this major version. In a newer minor version an unknown value of an
 * enumeration is kept; in the own or an older one it is a mistake.
 */
export const readCreation = (path: string, bytes: Uint8Array): Either.Either<StoredCreation, RecordProblem> =>
  Either.flatMap(openRecord(path, bytes, schemaVersions.creation), (file) =>
    Either.map(decodeRecord(file.minor === "newer" ? StoredRecord : ClosedRecord)(file), (record) => ({
      file,
      record,
    })),
  )

/** The LIMS block, for a new record that inherits it; null when there is none. An unknown source is `live`. */
export const inheritedLims = (record: StoredRecord): LimsProject | null => {
  const lims = record.limsProject
  if (lims === undefined) return null
  return { ...lims, source: Schema.is(LimsSource)(lims.source) ? lims.source : "live" }
}

const layer = absent(TrustedJsonObject, () => ({}))

/** `readme_fields.json` as it was read. */
export const StoredReadmeFields = wireStruct({
  schemaVersion: Schema.String,
  generatedAt: text,
  coreFields: absent(Schema.Struct({ label: text, operator: text, objective: text }), () => ({
    label: "",
    operator: "",
    objective: "",
  })),
  templateFields: layer,
  configFields: layer,
  customFields: absent(Schema.Array(Schema.Struct({ label: text, value: text })), () => []),
  systemFields: layer,
  body: text,
})

/** Reads a `readme_fields.json` of this major version. */
export const readReadmeFields = (
  path: string,
  bytes: Uint8Array,
): Either.Either<ReadmeFields, RecordProblem> =>
  Either.flatMap(
    openRecord(path, bytes, schemaVersions.readmeFields),
    (file): Either.Either<ReadmeFields, RecordProblem> => decodeRecord(StoredReadmeFields)(file),
  )

const StoredFiles = wireStruct({
  schemaVersion: Schema.String,
  files: absent(Schema.Array(FileEntry), () => []),
})

/** Reads a `files.json` of this major version. */
export const readFilesRecord = (
  path: string,
  bytes: Uint8Array,
): Either.Either<ReadonlyArray<FileEntry>, RecordProblem> =>
  Either.flatMap(openRecord(path, bytes, schemaVersions.files), (file) =>
    Either.map(decodeRecord(StoredFiles)(file), ({ files }) => files),
  )
