import { Schema, type ScalarTag, stringify } from "yaml"
import type { JsonObject } from "../../../src/domain/Json.ts"
import type { ResolvedTemplate } from "../../../src/domain/Template.ts"
import { escapeUnprintable, yamlNumber } from "../language/helpers/yamlScalars.ts"

const numberTag: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  test: /^-?\d/,
  identify: (value) => typeof value === "number",
  resolve: Number,
  stringify: ({ value }) => yamlNumber(Number(value)),
}

const schema = new Schema({
  schema: "core",
  customTags: (tags) => [numberTag, ...tags],
  // Older readers take plain words like `no` and `on` for something else.
  compat: "yaml-1.1",
})

/** The answers file: what was answered to which template, so that the tree can be made again. */
export const answersText = ({ manifest, digest }: ResolvedTemplate, answers: JsonObject): string =>
  escapeUnprintable(
    stringify(
      { template: { name: manifest.name, version: manifest.version, digest }, answers },
      {
        schema,
        defaultStringType: "QUOTE_DOUBLE",
        defaultKeyType: "PLAIN",
        doubleQuotedAsJSON: true,
        lineWidth: 0,
        aliasDuplicateObjects: false,
      },
    ),
  )
