import { DateTime, Option, Schema } from "effect"
import type { ReadmeFields } from "./CreationRecord.ts"
import type { Destination } from "./Destination.ts"
import type { JsonObject } from "./Json.ts"
import { parseRunDate } from "./RunDate.ts"
import type { StoredRecord } from "./StoredRecord.ts"
import { type BuiltInVariables, builtInVariables } from "./Template.ts"
import { wireStruct } from "./wire.ts"

/** What this service notes in `provenance` so that a directory can be checked later. See `docs/formats.md`. */

const RecordedRendering = wireStruct({
  variables: Schema.Record({ key: Schema.Literal(...builtInVariables), value: Schema.String }),
  timeZone: Schema.String,
  pluginVariables: Schema.Array(Schema.String),
})

/** What a template was rendered with besides the answers. */
export interface RenderingFacts {
  readonly builtIn: BuiltInVariables
  readonly timeZone: DateTime.TimeZone
  /** Names that its files may use because a plugin declared them. */
  readonly pluginVariables: ReadonlyArray<string>
}

/** The digests of records that are never changed; SHA-256, hexadecimal. */
export const RecordDigests = wireStruct({ readmeFields: Schema.String, files: Schema.String })
export type RecordDigests = typeof RecordDigests.Type

const decodeRendering = Schema.decodeUnknownOption(RecordedRendering)
const decodeDigests = Schema.decodeUnknownOption(RecordDigests)

const at = (provenance: JsonObject, key: string): unknown =>
  Object.hasOwn(provenance, key) ? provenance[key] : undefined

/** None in records of other tools, and where the system doesn't know the zone. */
export const renderingFacts = (provenance: JsonObject): Option.Option<RenderingFacts> =>
  Option.flatMap(decodeRendering(at(provenance, "rendering")), ({ pluginVariables, timeZone, variables }) =>
    Option.map(DateTime.zoneMakeNamed(timeZone), (zone) => ({
      builtIn: variables,
      timeZone: zone,
      pluginVariables,
    })),
  )

export const recordDigests = (provenance: JsonObject): Option.Option<RecordDigests> =>
  decodeDigests(at(provenance, "records"))

export const templateDigest = (provenance: JsonObject): Option.Option<string> => {
  const digest = at(provenance, "template_digest")
  return typeof digest === "string" && digest !== "" ? Option.some(digest) : Option.none()
}

const runDateIn = (leaf: string): string => {
  const [, date, hours, minutes, seconds] = /_(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})$/.exec(leaf) ?? []
  return date === undefined ? "" : `${date}T${hours}:${minutes}:${seconds}`
}

const isoIn = (zone: DateTime.TimeZone, moment: Option.Option<DateTime.DateTime>): string =>
  Option.match(moment, {
    onNone: () => "",
    onSome: (at) => DateTime.formatIsoOffset(DateTime.setZone(at, zone)),
  })

/**
 * The same as far as a record says it that has no such facts: fractions of a second and the zone are lost, for example.
 * What is rendered with them confirms a file when it comes out the same, and says nothing when it doesn't.
 */
export const guessedFacts = (
  record: StoredRecord,
  core: ReadmeFields["coreFields"],
  { equipmentId, level, leaf }: Pick<Destination, "equipmentId" | "level" | "leaf">,
  timeZone: DateTime.TimeZone,
): RenderingFacts => {
  const createdAt = DateTime.make(record.createdAt)
  return {
    builtIn: {
      ...core,
      equipment_id: equipmentId,
      equipment_label: record.orchestrator.equipmentLabel,
      project_short_id: record.limsProject?.shortId ?? "",
      project_name: record.limsProject?.nameAtCreation ?? "",
      run_kind: record.runKind,
      run_name: level === "run" ? leaf : "",
      run_date: isoIn(timeZone, level === "run" ? parseRunDate(runDateIn(leaf), timeZone) : createdAt),
      created_at: Option.match(createdAt, { onNone: () => "", onSome: DateTime.formatIso }),
    },
    timeZone,
    pluginVariables: Object.keys(record.variables),
  }
}
