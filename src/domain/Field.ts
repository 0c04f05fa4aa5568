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

/** UTF-16 units: long enough for prose, short enough for any pattern that isn't exponential. */
const maxLength = { withPattern: 1000, otherwise: 100_000 } as const

const regularExpression = (pattern: string): Either.Either<RegExp, string> =>
  Either.try({ try: () => new RegExp(pattern, "u"), catch: () => "the pattern is not a regular expression" })

const patternProblem = (text: string, pattern: string): string | null =>
  Either.match(regularExpression(pattern), {
    onLeft: (unsound) => `can't be checked: ${unsound}`,
    onRight: (expression) => (expression.test(text) ? null : `must match ${pattern}`),
  })

const stringProblem = (value: Json, pattern: string | undefined): string | null => {
  if (typeof value !== "string") return "must be a string"
  const most = pattern === undefined ? maxLength.otherwise : maxLength.withPattern
  if (value.length > most) return `is longer than ${most} characters`
  return textProblem(value) ?? (pattern === undefined ? null : patternProblem(value, pattern))
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

/** What somebody typed, in the field's type. What doesn't fit stays a text, for the check to refuse. */
export const typed = ({ type }: Pick<Field, "type">, text: string): Json => {
  switch (type) {
    case "number":
    case "integer":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text
    case "boolean":
      return /^(?:true|yes|y)$/i.test(text) ? true : /^(?:false|no|n)$/i.test(text) ? false : text
    default:
      return text
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
  return Either.match(regularExpression(field.pattern), { onLeft: (unsound) => unsound, onRight: () => null })
}

const issue = (field: string, message: string): Issue => ({ field, code: "input_invalid", message })

const strangerIssues = (
  fields: ReadonlyArray<Field>,
  answers: JsonObject,
  prefix: string,
): ReadonlyArray<Issue> => {
  const ids = fields.map(({ id }) => id)
  return Object.keys(answers)
    .filter((id) => !ids.includes(id))
    .map((id) => issue(`${prefix}.${id}`, `is not asked for; the fields are: ${ids.join(", ")}`))
}

/** The answer or the default; undefined for an optional field that has neither. */
const valueOf = (field: Field, answers: JsonObject): Either.Either<Json | undefined, string> => {
  const given = Object.hasOwn(answers, field.id) ? answers[field.id] : undefined
  const value = isBlank(given) ? field.default : given
  if (isBlank(value)) {
    return field.required === true ? Either.left(`${field.label} is required`) : Either.right(undefined)
  }
  const problem = valueProblem(field, value)
  return problem === null ? Either.right(value) : Either.left(problem)
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
  // Callers without types may pass anything.
  if (typeof answers !== "object" || answers === null || Array.isArray(answers)) {
    return Either.left([issue(prefix, "must be an object with an answer for each field")])
  }
  const issues = [...strangerIssues(fields, answers, prefix)]
  const checked: Array<readonly [string, Json]> = []
  for (const field of fields) {
    const value = valueOf(field, answers)
    if (Either.isLeft(value)) issues.push(issue(`${prefix}.${field.id}`, value.left))
    else if (value.right !== undefined) checked.push([field.id, value.right])
  }
  const [first, ...others] = issues
  return first === undefined ? Either.right(Object.fromEntries(checked)) : Either.left([first, ...others])
}
