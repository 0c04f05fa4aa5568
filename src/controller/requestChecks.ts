import { Either } from "effect"
import type { CreateRequest } from "../domain/CreateRequest.ts"
import type { ErrorCode } from "../domain/ErrorCode.ts"
import type { Issue } from "../domain/Errors.ts"
import { isEquipmentId, projectNameProblems } from "../domain/PathSegment.ts"
import type { EquipmentSettings, Settings } from "../domain/Settings.ts"

export const issue = (field: string, code: ErrorCode, message: string): Issue => ({ field, code, message })

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
    ? [issue("operator", "validation_failed", "is not on the list of operators in the settings")]
    : []),
  ...requiredText("objective", fields.objective),
]
