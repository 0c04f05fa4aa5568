import { Either, Schema } from "effect"
import type { Issue } from "./Errors.ts"
import { isJson, type Json, type JsonObject, textProblem } from "./Json.ts"

export const FieldType = Schema.Literal("string", "text", "number", "integer", "boolean", "date", "choice")
export type FieldType = typeof FieldType.Type

/** One thing to fill in: README fields, template questions and plugin prompts share it. */
export const Field = Schema.Struct({
  id: Schema.String.pipe(
    Schema.pattern(/^[A-Za-z_][A-Za-z0-9_]*$/, {
      message: () => "must be a letter, then letters, digits or _",
    }),
  ),
  label: Schema.String,
  type: FieldType,
  options: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  required: Schema.optionalWith(Schema.Boolean, { exact: true }),
  default: Schema.optionalWith(Schema.Unknown.pipe(Schema.filter(isJson)), { exact: true }),
  hint: Schema.optionalWith(Schema.String, { exact: true }),
  pattern: Schema.optionalWith(Schema.String, { exact: true }),
})
export type Field = typeof Field.Type

type FieldValueSpec = Pick<Field, "type" | "options" | "pattern">

const isCalendarDate = (text: string): boolean => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  return days !== undefined && day >= 1 && day <= days
}

const stringProblem = (value: Json, pattern: string | undefined): string | null => {
  if (typeof value !== "string") return "must be a string"
  const malformed = textProblem(value)
  if (malformed !== null) return malformed
  if (pattern !== undefined && !new RegExp(pattern, "u").test(value)) return `must match ${pattern}`
  return null
}

/** Why `value` doesn't fit the field's type, choices or pattern; null when it does. */
export const valueProblem = (field: FieldValueSpec, value: Json): string | null => {
  switch (field.type) {
    case "string":
      if (typeof value === "string" && /[\r\n]/.test(value)) return "must be a single line"
      return stringProblem(value, field.pattern)
    case "text":
      return stringProblem(value, field.pattern)
    case "number":
      return typeof value === "number" && Number.isFinite(value) ? null : "must be a number"
    case "integer":
      return Number.isSafeInteger(value) ? null : "must be a whole number"
    case "boolean":
      return typeof value === "boolean" ? null : "must be true or false"
    case "date":
      return typeof value === "string" && isCalendarDate(value) ? null : "must be a date, YYYY-MM-DD"
    case "choice": {
      const options = field.options ?? []
      return typeof value === "string" && options.includes(value)
        ? null
        : `must be one of: ${options.join(", ")}`
    }
  }
}

/** An optional field that nobody filled in: absent, null, or an empty string. */
export const isBlank = (value: Json | undefined): value is undefined | null | "" =>
  value === undefined || value === null || (typeof value === "string" && value.trim() === "")

/** A field whose pattern or options can't work, in words; null when it is sound. */
export const fieldProblem = (field: FieldValueSpec & { readonly default?: unknown }): string | null => {
  if (field.type === "choice" && (field.options === undefined || field.options.length === 0)) {
    return "a choice needs options"
  }
  if (field.type !== "choice" && field.options !== undefined)
    return `options belong to a choice, not to a ${field.type}`
  if (field.options !== undefined && new Set(field.options).size !== field.options.length) {
    return "options are listed twice"
  }
  if (field.pattern === undefined) return null
  if (field.type !== "string" && field.type !== "text") return `a pattern doesn't apply to a ${field.type}`
  return Either.isLeft(Either.try(() => new RegExp(field.pattern!, "u")))
    ? "the pattern is not a regular expression"
    : null
}

/**
 * Checks a person's answers against the fields that were asked. All problems come back at once, each with
 * `prefix.<id>`; right answers come back with defaults filled in, in the order of the fields.
 */
export const checkAnswers = (
  fields: ReadonlyArray<Field>,
  answers: JsonObject,
  prefix: string,
): Either.Either<JsonObject, readonly [Issue, ...Array<Issue>]> => {
  const issue = (id: string, message: string): Issue => ({
    field: `${prefix}.${id}`,
    code: "input_invalid",
    message,
  })
  const known = new Set(fields.map((field) => field.id))
  const issues: Array<Issue> = Object.keys(answers)
    .filter((id) => !known.has(id))
    .map((id) => issue(id, `is not asked for; the fields are: ${[...known].join(", ")}`))
  const checked: Array<readonly [string, Json]> = []
  for (const field of fields) {
    const given = Object.hasOwn(answers, field.id) ? answers[field.id] : undefined
    const value = isBlank(given) ? (field.default as Json | undefined) : given
    if (isBlank(value)) {
      if (field.required === true) issues.push(issue(field.id, `${field.label} is required`))
      continue
    }
    const problem = valueProblem(field, value)
    if (problem === null) checked.push([field.id, value])
    else issues.push(issue(field.id, problem))
  }
  const [first, ...others] = issues
  return first === undefined ? Either.right(Object.fromEntries(checked)) : Either.left([first, ...others])
}
