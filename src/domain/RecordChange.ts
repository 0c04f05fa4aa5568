import { Schema } from "effect"
import { schemaVersions, ValidationOverride } from "./CreationRecord.ts"
import type { Json, JsonObject } from "./Json.ts"
import { appendTo, setInElements, setMembers } from "./JsonText.ts"
import type { StoredCreation } from "./StoredRecord.ts"
import type { SyncStatus } from "./SyncJob.ts"

/** The two fields of `creation.json` that may change after the first write. */
export interface RecordChange {
  readonly syncStatus?: SyncStatus
  /** Appended; what is there stays. */
  readonly addOverrides?: ReadonlyArray<ValidationOverride>
}

const encodeOverride = Schema.encodeSync(ValidationOverride)

const hasNoId = (entry: { readonly id: string }): boolean => entry.id === ""

/** How many entries will want an id in `changeCreation`. */
export const missingIds = ({ record }: StoredCreation, { addOverrides = [] }: RecordChange): number =>
  [...record.validationOverrides, ...addOverrides].filter(hasNoId).length

/**
 * The text of a record with a change in it. An older minor version is raised to the current one; nothing
 * else is touched. Entries without an id, old or new, get those of `newIds`.
 */
export const changeCreation = (
  { file, record }: StoredCreation,
  { addOverrides = [], syncStatus }: RecordChange,
  newIds: Iterable<string>,
): string => {
  const ids = newIds[Symbol.iterator]()
  const nextId = (): string => String(ids.next().value ?? "")
  const nameless = record.validationOverrides.flatMap((entry, index) => (hasNoId(entry) ? [index] : []))
  const named = setInElements(
    file.text,
    "validation_overrides",
    "id",
    new Map(nameless.map((index) => [index, nextId()])),
  )
  const appended = appendTo(
    named,
    "validation_overrides",
    addOverrides.map((entry): Json => encodeOverride(hasNoId(entry) ? { ...entry, id: nextId() } : entry)),
  )
  const members: JsonObject = {
    ...(file.minor === "older" ? { schema_version: schemaVersions.creation } : {}),
    ...(syncStatus === undefined || syncStatus === record.syncStatus ? {} : { sync_status: syncStatus }),
  }
  return setMembers(appended, members)
}
