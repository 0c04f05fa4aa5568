import { Either, ParseResult, Schema } from "effect"
import {
  type CreateRequest,
  ProjectCreateRequest,
  RunCreateRequest,
  type SessionKind,
} from "../domain/CreateRequest.ts"
import type { ErrorCode, Issue } from "../domain/Errors.ts"
import { jsonProblems } from "../domain/Json.ts"
import { isEquipmentId, projectNameProblems } from "../domain/PathSegment.ts"
import type { EquipmentSettings, Settings } from "../domain/Settings.ts"
import { toSnake } from "../domain/wire.ts"

export const issue = (field: string, code: ErrorCode, message: string): Issue => ({ field, code, message })

/** Fields are renamed, keys that a user chose aren't. */
const wirePath = (path: ReadonlyArray<string>): string =>
  path.map((part, depth) => (depth === 0 || path[0] === "limsProject" ? toSnake(part) : part)).join(".")

const projectProblems = Schema.validateEither(ProjectCreateRequest)
const strictly = { errors: "all", onExcessProperty: "error" } as const
const runProblems = Schema.validateEither(RunCreateRequest)

/**
 * Whether the request has the shape that its type promises, and strings that survive every file format.
 * A typed caller can only break the second; the first is for callers without types.
 */
export const shapeIssues = (kind: SessionKind, request: CreateRequest): ReadonlyArray<Issue> => {
  const text = Object.entries(request).flatMap(([name, value]) =>
    value === undefined ? [] : jsonProblems(value, name),
  )
  if (text.length > 0) {
    return text.map(({ path, reason }) => issue(wirePath(path.split(".")), "validation_failed", reason))
  }
  const decoded: Either.Either<CreateRequest, ParseResult.ParseError> =
    kind === "run" ? runProblems(request, strictly) : projectProblems(request, strictly)
  if (Either.isRight(decoded)) return []
  return ParseResult.ArrayFormatter.formatErrorSync(decoded.left).map(({ path, message }) =>
    issue(wirePath(path.map(String)) || "request", "validation_failed", message),
  )
}

/** The project's short id as the request names it, with the field that holds it. */
export const projectIdOf = (request: CreateRequest): { readonly field: string; readonly shortId: string } =>
  "projectShortId" in request
    ? { field: "project_short_id", shortId: request.projectShortId }
    : { field: "lims_project.short_id", shortId: request.limsProject.shortId }

/** The equipment, or why there is none of that id. */
export const equipmentOf = (
  equipmentId: string,
  settings: Settings,
): Either.Either<EquipmentSettings, Issue> => {
  if (!isEquipmentId(equipmentId)) {
    const message = "must be 1–32 capital letters, digits or _, beginning with a letter"
    return Either.left(issue("equipment_id", "equipment_id_invalid", message))
  }
  const known = settings.equipment.map(({ id }) => id)
  return Either.fromNullable(
    settings.equipment.find(({ id }) => id === equipmentId),
    () =>
      issue(
        "equipment_id",
        "validation_failed",
        `is not known; the settings list: ${known.join(", ") || "none"}`,
      ),
  )
}

/** A project id that is a safe folder name, and a LIMS block that agrees with it. */
export const projectIssues = (request: CreateRequest): ReadonlyArray<Issue> => {
  const { field, shortId } = projectIdOf(request)
  const unsafe = projectNameProblems(shortId).map((problem) => issue(field, "unsafe_project_name", problem))
  const lims = "projectShortId" in request ? (request.limsProject ?? null) : null
  return lims === null || lims.shortId === shortId
    ? unsafe
    : [
        ...unsafe,
        issue("lims_project.short_id", "validation_failed", `must equal project_short_id, ${shortId}`),
      ]
}

const limits = { label: 100, operator: 200, objective: 2000 } as const

/** Characters as a person counts them: code points. */
const lengthOf = (text: string): number => [...text].length

const requiredText = (field: keyof typeof limits, value: string): ReadonlyArray<Issue> => {
  if (value === "") return [issue(field, "validation_failed", "is required")]
  const length = lengthOf(value)
  return length > limits[field]
    ? [issue(field, "field_too_long", `has ${length} characters; at most ${limits[field]} fit`)]
    : []
}

export interface CoreFields {
  readonly label: string
  readonly operator: string
  readonly objective: string
}

export const coreFields = (request: CreateRequest): CoreFields => ({
  label: request.label.trim(),
  operator: request.operator.trim(),
  objective: request.objective.trim(),
})

export const coreFieldIssues = (
  fields: CoreFields,
  allowlist: ReadonlyArray<string>,
): ReadonlyArray<Issue> => [
  ...requiredText("label", fields.label),
  ...requiredText("operator", fields.operator),
  ...(fields.operator !== "" && allowlist.length > 0 && !allowlist.includes(fields.operator)
    ? [issue("operator", "validation_failed", `${fields.operator} is not on the list of operators`)]
    : []),
  ...requiredText("objective", fields.objective),
]
