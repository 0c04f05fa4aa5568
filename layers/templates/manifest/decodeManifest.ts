import { Array as Arr, Either, ParseResult, Schema } from "effect"
import { jsonProblems } from "../../../src/domain/Json.ts"
import { Manifest } from "../../../src/domain/Template.ts"
import { type Problem, problem } from "../problems.ts"
import { readYaml, type YamlSource } from "./yamlSource.ts"

export const manifestFile = "template.yaml"

/** A manifest whose every key and type is right, with the lines on which it says things. */
export interface ManifestSource {
  readonly manifest: Manifest
  readonly lineOf: YamlSource["lineOf"]
}

const decode = Schema.decodeUnknownEither(Manifest, { errors: "all", onExcessProperty: "error" })

type SchemaIssue = ParseResult.ArrayFormatterIssue

const typeMessage = /^Expected (.*), actual (.*)$/s

const anyOf = (words: ReadonlyArray<string>): string => {
  const last = words.at(-1) ?? ""
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`
}

/** A type as a person calls it. */
const plain = (expected: string): string => {
  if (/^(?:Struct|\{)/.test(expected)) return "keys with values"
  return /^(?:ReadonlyArray|an array)/.test(expected) ? "a list" : expected
}

/** One sentence for all that a schema says about one key. */
const describe = (issues: Arr.NonEmptyReadonlyArray<SchemaIssue>): string => {
  const [{ _tag, message }] = issues
  if (_tag === "Missing") return "is missing"
  if (_tag === "Unexpected") {
    const known = message.match(/"\w+"/g)?.map((name) => name.slice(1, -1)) ?? []
    return `is not a key that is known here; known are ${known.join(", ")}`
  }
  const types = issues.flatMap((issue) => {
    const match = typeMessage.exec(issue.message)
    return match === null ? [] : [{ expected: match[1] ?? "", actual: match[2] ?? "" }]
  })
  const [first] = types
  if (first === undefined) return message
  if (first.expected === "string" && /^(?:-?[\d.]|true$|false$)/.test(first.actual)) {
    return "must be a text: put it in quotes"
  }
  return `must be ${anyOf(types.map(({ expected }) => plain(expected)))}, not ${first.actual.slice(0, 80)}`
}

const schemaProblems = (error: ParseResult.ParseError, { lineOf }: YamlSource): ReadonlyArray<Problem> => {
  const issues = ParseResult.ArrayFormatter.formatErrorSync(error)
  const byPath = Arr.groupBy(issues, ({ path }) => path.map(String).join("."))
  return Object.entries(byPath).map(([path, found]) => {
    const [{ _tag, path: keys }] = found
    const code = _tag === "Unexpected" ? "unknown_key" : "manifest_invalid"
    return problem(
      code,
      manifestFile,
      lineOf(keys),
      `${path === "" ? "the manifest" : path} ${describe(found)}`,
    )
  })
}

const textProblems = ({ value, lineOf }: YamlSource): ReadonlyArray<Problem> =>
  jsonProblems(value, "").map(({ path, reason }) =>
    problem("manifest_invalid", manifestFile, lineOf(path.split(".").slice(1)), `${path.slice(1)} ${reason}`),
  )

/** Reads a manifest's text. All that is wrong with its keys and types comes back at once. */
export const decodeManifest = (text: string): Either.Either<ManifestSource, ReadonlyArray<Problem>> =>
  Either.flatMap(readYaml(text, manifestFile), (source) => {
    const problems = textProblems(source)
    if (problems.length > 0) return Either.left(problems)
    return Either.mapBoth(decode(source.value), {
      onLeft: (error) => schemaProblems(error, source),
      onRight: (manifest) => ({ manifest, lineOf: source.lineOf }),
    })
  })
