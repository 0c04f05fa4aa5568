import { Either } from "effect"
import type { Json } from "../../src/domain/Json.ts"
import { decodeYaml } from "../yaml/decodeYaml.ts"
import { readYamlParts, type YamlProblem } from "../yaml/readYaml.ts"
import { SettingsFile } from "./SettingsFile.ts"

export type Environment = Readonly<Record<string, string | undefined>>

/** One setting from the environment, as a file would say it. */
export interface Variable {
  readonly name: string
  readonly path: ReadonlyArray<string>
  /** Undefined: it can't be read. */
  readonly value: Json | undefined
  readonly problems: ReadonlyArray<YamlProblem>
}

const prefix = "EXLAB_"

const topLevel = new Set(["time_zone", "equipment"])

/** `EXLAB_SESSIONS__MAX_OPEN` → `sessions`, `max_open`; null for a variable that isn't a setting. */
const pathOf = (name: string): ReadonlyArray<string> | null => {
  if (!name.startsWith(prefix)) return null
  const path = name.slice(prefix.length).toLowerCase().split("__")
  return path.length > 1 || topLevel.has(path[0] ?? "") ? path : null
}

const nested = (path: ReadonlyArray<string>, value: Json): Json =>
  path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value)

const decode = decodeYaml(SettingsFile, "it")

type Said = Pick<Variable, "value" | "problems">

const check = (value: Json, problems: ReadonlyArray<YamlProblem> = []): Said => ({
  value,
  problems: Either.match(decode({ value, lineOf: () => 0, problems }), {
    onLeft: (wrong) => wrong,
    onRight: () => [],
  }),
})

/** Where no text belongs. */
const fromYaml = (path: ReadonlyArray<string>, text: string): Said =>
  Either.match(readYamlParts(text, path), {
    onLeft: (problems) => ({ value: undefined, problems }),
    onRight: ({ problems, value }) => check(nested(path, value), problems),
  })

/** A variable that says nothing where no text belongs was probably to be unset. */
const emptied = (path: ReadonlyArray<string>): Said => {
  const message = `${path.join(".")} is empty: unset the variable, or give it a value`
  return { value: undefined, problems: [{ kind: "invalid", line: 0, message }] }
}

/** A text where a text belongs; YAML, which JSON is too, for everything else. */
const fromText = (path: ReadonlyArray<string>, text: string): Said => {
  const asText = check(nested(path, text))
  if (asText.problems.length === 0) return asText
  const asYaml = fromYaml(path, text)
  return asYaml.problems.length > 0 && text.trim() === "" ? emptied(path) : asYaml
}

/** The settings that the environment holds. */
export const variablesIn = (environment: Environment): ReadonlyArray<Variable> =>
  Object.entries(environment).flatMap(([name, text]) => {
    const path = pathOf(name)
    return path === null || text === undefined ? [] : [{ name, path, ...fromText(path, text) }]
  })
