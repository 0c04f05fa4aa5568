import { stringify } from "yaml"
import type { JsonObject } from "../../../src/domain/Json.ts"
import type { ResolvedTemplate } from "../../../src/domain/Template.ts"

/** The answers file: what was answered to which template, so that the tree can be made again. */
export const answersText = ({ manifest, digest }: ResolvedTemplate, answers: JsonObject): string =>
  stringify(
    { template: { name: manifest.name, version: manifest.version, digest }, answers },
    { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0, aliasDuplicateObjects: false },
  )
