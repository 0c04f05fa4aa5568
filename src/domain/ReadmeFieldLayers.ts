import { Either } from "effect"
import type { ErrorCode } from "./ErrorCode.ts"
import type { Issue } from "./Errors.ts"
import { type Field, fieldProblem, isBlank, valueProblem } from "./Field.ts"
import { isJson, type Json, type JsonObject, jsonProblems, textProblem } from "./Json.ts"

/** Values for the layers of a README, checked: what is here fits its field. */
export interface ReadmeLayers {
  /** Declared by the template, in its order. An optional field that nobody filled in is left out. */
  readonly templateFields: JsonObject
  /** Declared by the settings, in their order. */
  readonly configFields: JsonObject
  /** The caller's own, in the order given. */
  readonly customFields: ReadonlyArray<{ readonly label: string; readonly value: string }>
}

export interface ClassifiedReadme extends ReadmeLayers {
  /** Declared ids that had to be filled in: the template's, then the configuration's. */
  readonly requiredIds: ReadonlyArray<string>
}

/** Fields that every request has. No template and no configuration may declare them again. */
export const coreFieldIds = ["label", "operator", "objective"] as const

/** Fields that the service fills in. */
export const systemFieldIds = [
  "created",
  "created_by",
  "equipment",
  "template",
  "project",
  "run",
  "run_kind",
] as const

const isCore = (id: string): boolean => (coreFieldIds as ReadonlyArray<string>).includes(id)
const isSystem = (id: string): boolean => (systemFieldIds as ReadonlyArray<string>).includes(id)

const issueOf = (id: string, message: string, code: ErrorCode = "validation_failed"): Issue => ({
  field: `readme_extra.${id}`,
  code,
  message,
})

type Layer = "template" | "configuration"

const declarationProblem = (layer: Layer, field: Field, taken: ReadonlyMap<string, Layer>): Issue | null => {
  const refuse = (what: string, code?: ErrorCode) =>
    issueOf(field.id, `the ${layer} declares the README field ${field.id}, ${what}`, code)
  if (isCore(field.id)) {
    return refuse(
      "which is a core field",
      layer === "template" ? "template_core_field_redeclared" : "validation_failed",
    )
  }
  if (isSystem(field.id)) return refuse("which is a system field")
  const owner = taken.get(field.id)
  if (owner !== undefined) {
    return refuse(owner === layer ? "twice" : `which the ${owner} declares, too`)
  }
  const unsound = fieldProblem(field)
  return unsound === null ? null : refuse(`whose declaration is wrong: ${unsound}`)
}

/** The value of a declared field: given, default, or none; or why there is a problem. */
const declaredValue = (field: Field, extra: JsonObject): Either.Either<Json | undefined, string> => {
  const given = Object.hasOwn(extra, field.id) ? extra[field.id] : undefined
  if (!isBlank(given)) {
    const problem = valueProblem(field, given)
    return problem === null ? Either.right(given) : Either.left(problem)
  }
  const fallback = field.default
  if (!isJson(fallback) || isBlank(fallback)) {
    return field.required === true ? Either.left(`${field.label} is required`) : Either.right(undefined)
  }
  const problem = valueProblem(field, fallback)
  return problem === null ? Either.right(fallback) : Either.left(`the declared default ${problem}`)
}

/** Text of a custom field's value, which is always a string; null for lists and objects. */
const customText = (value: Json): string | null => {
  if (typeof value === "string") return value
  if (value === null) return ""
  return typeof value === "object" ? null : JSON.stringify(value)
}

const labelKey = (label: string): string => label.trim().normalize("NFC")

const customProblem = (label: string, value: Json, labels: ReadonlySet<string>): string | null => {
  const malformed = textProblem(label) ?? jsonProblems(value, "")[0]?.reason
  if (malformed !== undefined) return malformed
  const key = labelKey(label)
  if (key === "") return "a custom field needs a label"
  if (isCore(key)) return `${key} is a core field: give it as the request's own ${key}`
  if (isSystem(key)) return `${key} is a system field, which the service fills in`
  if (labels.has(key)) return "another field has this id or label"
  return customText(value) === null
    ? "no declared field has this id, and a custom field takes text, not a list or an object"
    : null
}

interface Sorted<A> {
  readonly values: A
  readonly issues: ReadonlyArray<Issue>
}

const fillLayer = (
  layer: Layer,
  fields: ReadonlyArray<Field>,
  extra: JsonObject,
  taken: Map<string, Layer>,
): Sorted<JsonObject> => {
  const issues: Array<Issue> = []
  const values: Array<readonly [string, Json]> = []
  for (const field of fields) {
    const problem = declarationProblem(layer, field, taken)
    if (problem !== null) {
      issues.push(problem)
      continue
    }
    taken.set(field.id, layer)
    const value = declaredValue(field, extra)
    if (Either.isLeft(value)) issues.push(issueOf(field.id, value.left))
    else if (value.right !== undefined) values.push([field.id, value.right])
  }
  return { values: Object.fromEntries(values), issues }
}

const customLayer = (
  extra: JsonObject,
  declared: ReadonlyMap<string, Layer>,
): Sorted<ReadmeLayers["customFields"]> => {
  const issues: Array<Issue> = []
  const values: Array<{ readonly label: string; readonly value: string }> = []
  const labels = new Set(declared.keys())
  for (const [label, given] of Object.entries(extra)) {
    if (declared.has(label)) continue
    const problem = customProblem(label, given, labels)
    if (problem !== null) issues.push(issueOf(label, problem))
    else values.push({ label, value: customText(given) ?? "" })
    labels.add(labelKey(label))
  }
  return { values, issues }
}

/**
 * Sorts the caller's values into the layers of a README. Ids that the template or the configuration
 * declares are checked against their declaration and get its default; all others become custom fields,
 * whose values are text: numbers and booleans as JSON writes them, null as "", lists and objects are
 * refused. Issues come all at once, each with `readme_extra.<id>`: the template's fields first, then the
 * configuration's, then custom ones.
 */
export const classifyReadme = (input: {
  readonly templateFields: ReadonlyArray<Field>
  readonly configFields: ReadonlyArray<Field>
  readonly extra: JsonObject
}): Either.Either<ClassifiedReadme, readonly [Issue, ...Array<Issue>]> => {
  const declared = new Map<string, Layer>()
  const template = fillLayer("template", input.templateFields, input.extra, declared)
  const config = fillLayer("configuration", input.configFields, input.extra, declared)
  const custom = customLayer(input.extra, declared)
  const [first, ...others] = [...template.issues, ...config.issues, ...custom.issues]
  if (first !== undefined) return Either.left([first, ...others])
  return Either.right({
    templateFields: template.values,
    configFields: config.values,
    customFields: custom.values,
    requiredIds: [...input.templateFields, ...input.configFields]
      .filter((field) => field.required === true)
      .map((field) => field.id),
  })
}
