import { Document, Pair, Scalar, type ScalarTag, Schema, YAMLMap, YAMLSeq } from "yaml"
import type { ReadmeFields } from "../../src/domain/CreationRecord.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { systemFieldIds } from "../../src/domain/ReadmeFieldLayers.ts"
import { maxFrontMatterLines } from "./frontMatter.ts"
import { markdownHeading } from "./markdownHeading.ts"

/** Keys that this service chose, and that no YAML version reads as something else. All others are quoted. */
const plainKeys: ReadonlySet<string> = new Set([
  "readme_schema_version",
  "label",
  "operator",
  "objective",
  "value",
  "template_fields",
  "config_fields",
  "custom_fields",
  "system",
  "id",
  "name",
  "version",
  ...systemFieldIds,
])

/**
 * Parsers of YAML 1.1 take an exponent only after a fraction, and `1.0e-7` is the same number for all.
 * JSON, from which a README can be made again, has no negative zero.
 */
const numberText = (value: number): string => {
  const text = JSON.stringify(value)
  return text.includes("e") && !text.includes(".") ? text.replace("e", ".0e") : text
}

const numberTag: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  // Of several tags for a number the first one with a test writes it.
  test: /^-?\d/,
  identify: (value) => typeof value === "number",
  resolve: Number,
  stringify: ({ value }) => numberText(Number(value)),
}

const schema = new Schema({ schema: "core", customTags: (tags) => [numberTag, ...tags] })

type Style = "block" | "flow"

const keyNode = (key: string, ours: boolean): Scalar => {
  const node = new Scalar(key)
  node.type = ours && plainKeys.has(key) ? "PLAIN" : "QUOTE_DOUBLE"
  return node
}

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

const valueNode = (value: Json, style: Style, ours: boolean): Scalar | YAMLMap | YAMLSeq => {
  if (value === null || typeof value !== "object") {
    const node = new Scalar(value)
    if (typeof value === "string") node.type = "QUOTE_DOUBLE"
    return node
  }
  if (isList(value)) {
    const list = new YAMLSeq()
    list.flow = style === "flow" || value.length === 0
    list.items = value.map((item) => valueNode(item, "flow", ours))
    return list
  }
  return mapNode(value, style, ours)
}

const mapNode = (object: JsonObject, style: Style, ours: boolean): YAMLMap => {
  const map = new YAMLMap()
  map.flow = style === "flow"
  map.items = Object.entries(object).map(
    ([key, value]) => new Pair(keyNode(key, ours), valueNode(value, "flow", ours)),
  )
  if (map.items.length === 0) map.flow = true
  return map
}

/**
 * A field to a line, until there are so many that readers might miss the end: then all of a layer stand on
 * one line. A field with a very long id takes two lines, hence the half.
 */
const styleFor = ({ configFields, customFields, systemFields, templateFields }: ReadmeFields): Style => {
  const fields = [configFields, customFields, systemFields, templateFields]
  const lines = fields.reduce((sum, layer) => sum + Object.keys(layer).length + 1, 6)
  return lines < maxFrontMatterLines / 2 ? "block" : "flow"
}

const documentOf = (fields: ReadmeFields): Document => {
  const style = styleFor(fields)
  const { label, objective, operator } = fields.coreFields
  const top = new YAMLMap()
  const add = (key: string, value: Scalar | YAMLMap | YAMLSeq): unknown =>
    top.items.push(new Pair(keyNode(key, true), value))
  add("readme_schema_version", valueNode(fields.schemaVersion, "flow", true))
  add("label", valueNode(label, "flow", true))
  add("operator", valueNode(operator, "flow", true))
  add("objective", valueNode(objective, "flow", true))
  add("template_fields", mapNode(fields.templateFields, style, false))
  add("config_fields", mapNode(fields.configFields, style, false))
  add(
    "custom_fields",
    valueNode(
      fields.customFields.map(({ label, value }) => ({ label, value })),
      style,
      true,
    ),
  )
  add("system", mapNode(fields.systemFields, style, true))
  const document = new Document(null, { version: "1.2", schema })
  document.contents = top
  return document
}

/**
 * Characters that YAML 1.1 takes for line breaks, that parsers refuse, or that nobody sees. Outside of
 * quoted scalars there are none: keys are ASCII there.
 */
const invisible = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`

const frontMatter = (fields: ReadmeFields): string =>
  documentOf(fields)
    .toString({ lineWidth: 0, doubleQuotedAsJSON: true, flowCollectionPadding: false })
    .replaceAll(invisible, escaped)

/**
 * The whole `README.md`. It follows from the fields alone: the same fields, also those read back from
 * `readme_fields.json`, give the same bytes.
 */
export const renderReadme = (fields: ReadmeFields): string => {
  const end = fields.body === "" || fields.body.endsWith("\n") ? "" : "\n"
  return `---\n${frontMatter(fields)}---\n# ${markdownHeading(fields.coreFields.label)}\n${fields.body}${end}`
}
