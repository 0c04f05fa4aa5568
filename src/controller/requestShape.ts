import { Either, ParseResult, Schema } from "effect"
import {
  LimsProject,
  ProjectCreateRequest,
  RunCreateRequest,
  type SessionKind,
} from "../domain/CreateRequest.ts"
import type { Issue } from "../domain/Errors.ts"
import { callerLimits, jsonProblems } from "../domain/Json.ts"
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

/** Known fields that have a value, wherever the object has them from, and all others of its own. */
const givenFields = (object: object, known: ReadonlyArray<string>): Fields =>
  Object.fromEntries(
    [...new Set([...known, ...Object.keys(object)])]
      .slice(0, maxFields)
      .map((name): [string, unknown] => [name, Reflect.get(object, name)])
      .filter(([name, value]) => value !== undefined || !known.includes(name)),
  )

interface Sorted {
  readonly sound: Fields
  readonly issues: ReadonlyArray<Issue>
}

const allNames = new Set(Object.values(fieldNames).flat())

/** Fields are renamed on the wire, keys that a user chose and names that nobody knows aren't. */
const wireName = (name: string): string => (allNames.has(name) ? toSnake(name) : name)

/** Keeps apart what can't stand in any file: the rest is safe to look at. */
const soundFields = (fields: Fields, prefix = ""): Sorted => {
  const sound: Array<[string, unknown]> = []
  const issues: Array<Issue> = []
  for (const [name, value] of Object.entries(fields)) {
    const path = `${prefix}${wireName(name)}`
    if (path === "lims_project" && isObject(value)) {
      const lims = soundFields(givenFields(value, fieldNames.limsProject), `${path}.`)
      sound.push([name, lims.sound])
      issues.push(...lims.issues)
      continue
    }
    const problems = jsonProblems(value, path, callerLimits)
    if (problems.length === 0) sound.push([name, value])
    issues.push(...problems.map((problem) => issue(problem.path, "validation_failed", problem.reason)))
  }
  return { sound: Object.fromEntries(sound), issues }
}

const strangerMessage = (kind: SessionKind, name: string): string => {
  const meant = [...allNames].find((field) => field !== name && toSnake(field) === name)
  return meant === undefined ? `is no field of a ${kind}'s request` : `is spelled ${meant} here`
}

const shapeIssue = (kind: SessionKind, { _tag, path }: ParseResult.ArrayFormatterIssue): Issue => {
  const names = path.map(String)
  const field = names.map(wireName).join(".")
  const message = (): string => {
    if (_tag === "Missing") return "is required"
    if (_tag === "Unexpected") return strangerMessage(kind, names.at(-1) ?? "")
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
