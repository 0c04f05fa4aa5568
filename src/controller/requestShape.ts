import { Either, ParseResult, Schema } from "effect"
import {
  LimsProject,
  maxNoteLength,
  ProjectCreateRequest,
  RunCreateRequest,
  type SessionKind,
} from "../domain/CreateRequest.ts"
import type { Issue } from "../domain/Errors.ts"
import { callerLimits, type JsonLimits, jsonProblems } from "../domain/Json.ts"
import { toSnake } from "../domain/wire.ts"
import { issue } from "./requestChecks.ts"

type Fields = Readonly<Record<string, unknown>>

const fieldNames = {
  project: Object.keys(ProjectCreateRequest.fields),
  run: Object.keys(RunCreateRequest.fields),
  limsProject: Object.keys(LimsProject.fields),
} as const

const validate = {
  project: Schema.validateEither(ProjectCreateRequest),
  run: Schema.validateEither(RunCreateRequest),
} as const

const strictly = { errors: "all", onExcessProperty: "error" } as const

/** By wire path: what a value of another type is told. All others must be texts. */
const expectations: Readonly<Record<string, string>> = {
  variables: "must be an object with a value for each variable",
  readme_extra: "must be an object with a value for each field",
  run_kind: 'must be "experimental" or "test"',
  run_date: "must be a text, or left out",
  request_id: "must be a text, or left out",
  lims_project: "must be an object with uid, short_id, name_at_creation and source",
  "lims_project.source": 'must be "live", "cache" or "offline_catalogue"',
  "lims_project.cache_freshness_at_use": "must be a text, or left out",
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Names that nobody knows are listed up to here. */
const maxFields = 100

const reading = <A>(read: () => A): Either.Either<A, string> =>
  Either.try({ try: read, catch: () => "can't be read" })

type Given = readonly [name: string, value: Either.Either<unknown, string>]

/** Known fields that have a value, wherever the object has them from, and all others of its own. */
const givenFields = (object: object, known: ReadonlyArray<string>): ReadonlyArray<Given> =>
  [...new Set([...known, ...Object.keys(object)])]
    .slice(0, maxFields)
    .map((name): Given => [name, reading(() => Reflect.get(object, name) as unknown)])
    .filter(([name, value]) => !(known.includes(name) && Either.isRight(value) && value.right === undefined))

interface Sorted {
  readonly sound: Fields
  readonly issues: ReadonlyArray<Issue>
}

const allNames = new Set(Object.values(fieldNames).flat())

/** Fields are renamed on the wire, keys that a user chose and names that nobody knows aren't. */
const wireName = (name: string): string => (allNames.has(name) ? toSnake(name) : name)

const noteLimits: JsonLimits = { ...callerLimits, characters: maxNoteLength }

const limitsOf = (path: string): JsonLimits =>
  path === "request_id" || path.startsWith("lims_project.") ? noteLimits : callerLimits

const textIssues = (path: string, value: Either.Either<unknown, string>): ReadonlyArray<Issue> => {
  const problems = Either.flatMap(value, (read) => reading(() => jsonProblems(read, path, limitsOf(path))))
  return Either.getOrElse(problems, (reason) => [{ path, reason }]).map((problem) =>
    issue(problem.path, "validation_failed", problem.reason),
  )
}

/** Keeps apart what can't stand in any file: the rest is safe to look at. */
const soundFields = (given: ReadonlyArray<Given>, prefix = ""): Sorted => {
  const sound: Array<[string, unknown]> = []
  const issues: Array<Issue> = []
  for (const [name, value] of given) {
    const path = `${prefix}${wireName(name)}`
    const read = Either.getOrUndefined(value)
    if (path === "lims_project" && isObject(read)) {
      const lims = soundFields(givenFields(read, fieldNames.limsProject), `${path}.`)
      sound.push([name, lims.sound])
      issues.push(...lims.issues)
      continue
    }
    const problems = textIssues(path, value)
    if (problems.length === 0) sound.push([name, read])
    issues.push(...problems)
  }
  return { sound: Object.fromEntries(sound), issues }
}

const isSpelled =
  (name: string) =>
  (field: string): boolean =>
    field === name || toSnake(field) === name

const strangerMessage = (kind: SessionKind, names: ReadonlyArray<string>): string => {
  const name = names.at(-1) ?? ""
  const isOnTop = names.length === 1
  const meant = (isOnTop ? fieldNames[kind] : fieldNames.limsProject).find(isSpelled(name))
  if (meant !== undefined) return `is spelled ${meant} here`
  const other = kind === "project" ? "run" : "project"
  return isOnTop && fieldNames[other].some(isSpelled(name))
    ? `belongs to a ${other}'s request, not to a ${kind}'s`
    : `is no field of a ${kind}'s request`
}

const shapeIssue = (kind: SessionKind, { _tag, path }: ParseResult.ArrayFormatterIssue): Issue => {
  const names = path.map(String)
  const field = names.map(wireName).join(".")
  const message = (): string => {
    if (_tag === "Missing") return "is required"
    if (_tag === "Unexpected") return strangerMessage(kind, names)
    return expectations[field] ?? "must be a text"
  }
  return issue(field, "validation_failed", message())
}

/** Without those that say less than another: one a field, and none for a whole whose part has one. */
const mostTelling = (issues: ReadonlyArray<Issue>, told: ReadonlyArray<Issue>): ReadonlyArray<Issue> =>
  issues.filter(
    ({ field }, index) =>
      [...told, ...issues.slice(0, index)].every((other) => other.field !== field) &&
      [...told, ...issues].every((other) => !other.field.startsWith(`${field}.`)),
  )

/**
 * Whether the request has the shape that its type promises, a size that fits into records, and strings that
 * survive every file format. A typed caller can only break the last two; the first is for callers without
 * types. A field that is undefined counts as left out.
 */
export const shapeIssues = (kind: SessionKind, request: unknown): ReadonlyArray<Issue> => {
  if (!isObject(request)) return [issue("request", "validation_failed", "must be an object")]
  const { issues, sound } = soundFields(givenFields(request, fieldNames[kind]))
  const validated: Either.Either<unknown, ParseResult.ParseError> = validate[kind](sound, strictly)
  if (Either.isRight(validated)) return issues
  const misshapen = ParseResult.ArrayFormatter.formatErrorSync(validated.left)
  return [
    ...issues,
    ...mostTelling(
      misshapen.map((found) => shapeIssue(kind, found)),
      issues,
    ),
  ]
}
