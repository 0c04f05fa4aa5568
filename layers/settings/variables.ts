import { Either } from "effect"
import type { Json } from "../../src/domain/Json.ts"
import { decodeYaml } from "../yaml/decodeYaml.ts"
import { readYaml, type YamlProblem, type YamlSource } from "../yaml/readYaml.ts"
import { SettingsFile } from "./SettingsFile.ts"

export type Environment = Readonly<Record<string, string | undefined>>

/** One setting from the environment, as a file would say it. */
export interface Variable {
  readonly name: string
  readonly path: ReadonlyArray<string>
  readonly value: Json
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

const check = (value: Json): Either.Either<Json, ReadonlyArray<YamlProblem>> => {
  const source: YamlSource = { value, lineOf: () => 0 }
  return Either.map(decode(source), () => value)
}

/** Where no text belongs. A variable that says nothing there was probably to be unset. */
const fromYaml = (path: ReadonlyArray<string>, text: string) =>
  Either.flatMap(readYaml(text), ({ value }) =>
    Either.mapLeft(check(nested(path, value)), (problems) =>
      text.trim() === ""
        ? problems.map((one) => ({
            ...one,
            message: `${path.join(".")} is empty: unset the variable, or give it a value`,
          }))
        : problems,
    ),
  )

/** A text where a text belongs; YAML, which JSON is too, for everything else. */
const fromText = (path: ReadonlyArray<string>, text: string) =>
  Either.orElse(check(nested(path, text)), () => fromYaml(path, text))

/** The settings that the environment holds: those that can be used, and what is wrong with the others. */
export const variablesIn = (
  environment: Environment,
): { readonly variables: ReadonlyArray<Variable>; readonly problems: ReadonlyArray<string> } => {
  const found = Object.entries(environment).flatMap(([name, text]) => {
    const path = pathOf(name)
    return path === null || text === undefined ? [] : [{ name, path, value: fromText(path, text) }]
  })
  return {
    variables: found.flatMap(({ name, path, value }) =>
      Either.isRight(value) ? [{ name, path, value: value.right }] : [],
    ),
    problems: found.flatMap(({ name, value }) =>
      Either.isLeft(value) ? value.left.map(({ message }) => `${name}: ${message}`) : [],
    ),
  }
}
