import { Array as Arr, Either, ParseResult, Schema } from "effect"
import { jsonProblems } from "../../src/domain/Json.ts"
import { nearest } from "./nearest.ts"
import type { YamlProblem, YamlSource } from "./readYaml.ts"

type SchemaIssue = ParseResult.ArrayFormatterIssue

const typeMessage = /^Expected (.*), actual (.*)$/s

const anyOf = (words: ReadonlyArray<string>): string => {
  const last = words.at(-1) ?? ""
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`
}

const names: Readonly<Record<string, string>> = {
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
  string: "a text",
  "an integer": "a whole number",
}

/** A type as a person calls it. */
const plain = (expected: string): string => {
  if (/^(?:Struct|\{)/.test(expected)) return "keys with values"
  if (/^(?:ReadonlyArray|readonly \[|an array)/.test(expected)) return "a list"
  return names[expected] ?? expected
}

/** One sentence for all that a schema says about one key. */
const describe = (issues: Arr.NonEmptyReadonlyArray<SchemaIssue>): string => {
  const [{ _tag, message, path }] = issues
  if (_tag === "Missing") return "is missing"
  if (_tag === "Unexpected") {
    const known = message.match(/"\w+"/g)?.map((name) => name.slice(1, -1)) ?? []
    const meant = nearest(String(path.at(-1)), known)
    const question = meant === undefined ? "" : ` (did you mean ${meant}?)`
    return `is not a key that is known here${question}; known are ${known.join(", ")}`
  }
  const types = issues.flatMap((issue) => {
    const match = typeMessage.exec(issue.message)
    return match === null ? [] : [{ expected: match[1] ?? "", actual: match[2] ?? "" }]
  })
  const [first] = types
  if (first === undefined) return message
  const isBare = /^(?:-?[\d.]|true$|false$)/.test(first.actual)
  if (isBare && types.some(({ expected }) => expected === "string" || expected === `"${first.actual}"`)) {
    return "must be a text: put it in quotes"
  }
  return `must be ${anyOf(types.map(({ expected }) => plain(expected)))}, not ${first.actual.slice(0, 80)}`
}

/** Whether a path leads to a place or to something in it. */
const isIn = (path: ReadonlyArray<string> | undefined, place: ReadonlyArray<string> | undefined): boolean =>
  path !== undefined && place !== undefined && place.every((key, index) => path[index] === key)

const schemaProblems = (
  error: ParseResult.ParseError,
  { lineOf }: YamlSource,
  whole: string,
): ReadonlyArray<YamlProblem> => {
  const issues = ParseResult.ArrayFormatter.formatErrorSync(error)
  const byPath = Arr.groupBy(issues, ({ path }) => path.map(String).join("."))
  return Object.entries(byPath).map(([path, found]) => {
    const [{ _tag, path: keys }] = found
    return {
      kind: _tag === "Unexpected" ? "unknown_key" : "invalid",
      line: lineOf(keys),
      message: `${path === "" ? whole : path} ${describe(found)}`,
      path: keys.map(String),
    }
  })
}

const textProblems = ({ value, lineOf }: YamlSource): ReadonlyArray<YamlProblem> =>
  jsonProblems(value, "").map(({ path, reason }) => ({
    kind: "invalid",
    line: lineOf(path.split(".").slice(1)),
    message: `${path.slice(1)} ${reason}`,
    path: path.split(".").slice(1),
  }))

/**
 * Takes what a YAML text says for a schema's type. All that is wrong with its keys and types comes back at
 * once, in a plain person's words; `whole` is what the text as a whole is called, `problems` is what kept the
 * reader from some values.
 */
export const decodeYaml = <A, I>(schema: Schema.Schema<A, I>, whole: string) => {
  const decode = Schema.decodeUnknownEither(schema, { errors: "all", onExcessProperty: "error" })
  return (
    source: YamlSource & { readonly problems?: ReadonlyArray<YamlProblem> },
  ): Either.Either<A, ReadonlyArray<YamlProblem>> => {
    const unread = [...(source.problems ?? []), ...textProblems(source)]
    return Either.match(decode(source.value), {
      onLeft: (error) => {
        const others = schemaProblems(error, source, whole)
        return Either.left([
          ...unread,
          ...others.filter(({ path }) => !unread.some((one) => isIn(path, one.path))),
        ])
      },
      onRight: (value) => (unread.length > 0 ? Either.left(unread) : Either.right(value)),
    })
  }
}
