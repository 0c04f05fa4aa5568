import { DateTime, Option, Schema } from "effect"
import type { JsonObject } from "./Json.ts"
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
