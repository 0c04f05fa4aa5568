import { DateTime, Option } from "effect"
import type { ReadmeFields } from "./CreationRecord.ts"
import type { Destination } from "./Destination.ts"
import type { ExportedFile } from "./Export.ts"
import type { Json, JsonObject } from "./Json.ts"
import { parseRunDate } from "./RunDate.ts"
import type { StoredRecord } from "./StoredRecord.ts"

/** What an RO-Crate is made from. */
export interface CrateContents {
  readonly destination: Destination
  readonly record: StoredRecord
  /** Null when the directory has no `readme_fields.json`. */
  readonly readme: ReadmeFields | null
  readonly files: ReadonlyArray<ExportedFile & { readonly mediaType: string }>
  readonly directories: ReadonlyArray<string>
  /** ISO-8601. */
  readonly exportedAt: string
  /** SPDX identifier or URL; null: none was chosen. */
  readonly license: string | null
  readonly organization: string | null
  /** The version of this service. */
  readonly version: string
}

export const ref = (id: string): JsonObject => ({ "@id": id })

/** In compacted JSON-LD nothing is left out by null or by an empty list, and one value is no list. */
export const entity = (
  id: string,
  type: string,
  properties: { readonly [name: string]: Json },
): JsonObject => ({
  "@id": id,
  "@type": type,
  ...Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => {
      if (value === null || value === "") return []
      if (!Array.isArray(value)) return [[name, value]]
      return value.length === 0 ? [] : [[name, value.length === 1 ? value[0] : value]]
    }),
  ),
})

export const ids = {
  root: "./",
  creation: "#creation",
  equipment: "#equipment",
  operator: "#operator",
  organization: "#organization",
  project: "#project",
  service: "#exlab-wizard",
  template: "#template",
}

/** Nobody where other tools named none. */
export const operatorOf = ({ record }: CrateContents): Json =>
  record.createdBy === "" ? null : ref(ids.operator)

/** When the directory was created; null where that can't be read. */
export const createdAt = ({ record }: CrateContents): Json =>
  Option.isSome(parseRunDate(record.createdAt, DateTime.zoneMakeOffset(0))) ? record.createdAt : null
