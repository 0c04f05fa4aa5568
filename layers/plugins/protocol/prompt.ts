import { Array, Either, ParseResult, Schema } from "effect"
import { Field, fieldProblem, valueProblem } from "../../../src/domain/Field.ts"
import { callerLimits, isJson, jsonProblems } from "../../../src/domain/Json.ts"
import { patternProblem } from "./patternProblem.ts"
import { tidy } from "./texts.ts"

const maxFields = 50
const maxReason = 2000

/** What a worker asks, checked as far as that takes no knowledge of the pass. */
export interface Question {
  readonly fields: Array.NonEmptyReadonlyArray<Field>
  readonly reason: string
  readonly file?: string
}

const decodeField = Schema.decodeUnknownEither(Field)

/** A default is an answer, too. Whether it matches a pattern shows when it is used: that may take long. */
const defaultProblem = ({ default: value, options, type }: Field): string | null =>
  value === undefined || value === null || !isJson(value)
    ? null
    : valueProblem({ type, ...(options === undefined ? {} : { options }) }, value)

const toField = (value: unknown, index: number): Either.Either<Field, string> =>
  decodeField(value).pipe(
    Either.mapLeft(({ issue }) => {
      const [first] = ParseResult.ArrayFormatter.formatIssueSync(issue)
      return `fields.${[index, ...(first?.path ?? [])].map(String).join(".")}: ${first?.message ?? "is no field"}`
    }),
    Either.flatMap((field) => {
      const unsound =
        fieldProblem(field) ?? (field.pattern === undefined ? null : patternProblem(field.pattern))
      if (unsound !== null) return Either.left(`field ${field.id}: ${unsound}`)
      const wrongDefault = defaultProblem(field)
      return wrongDefault === null
        ? Either.right(field)
        : Either.left(`field ${field.id}: its default ${wrongDefault}`)
    }),
  )

const reasonProblem = (reason: string): string | null => {
  if (reason.trim() === "") return "the reason is empty"
  return reason.length > maxReason ? `the reason is longer than ${maxReason} characters` : null
}

/** A question that a person can be asked and whose answers can be checked, or why it is none. */
export const toQuestion = (asked: {
  readonly fields: ReadonlyArray<unknown>
  readonly reason: string
  readonly file?: string
}): Either.Either<Question, string> =>
  Either.gen(function* () {
    if (asked.fields.length > maxFields) return yield* Either.left(`it has more than ${maxFields} fields`)
    const [unstorable] = jsonProblems(asked, "input_required", callerLimits)
    if (unstorable !== undefined) {
      return yield* Either.left(`${tidy(unstorable.path, 100)} ${unstorable.reason}`)
    }
    const reason = reasonProblem(asked.reason)
    if (reason !== null) return yield* Either.left(reason)
    const fields = yield* Either.all(asked.fields.map(toField))
    if (!Array.isNonEmptyReadonlyArray(fields)) return yield* Either.left("it has no fields")
    if (new Set(fields.map(({ id }) => id)).size < fields.length) {
      return yield* Either.left("two fields have the same id")
    }
    return { ...asked, fields }
  })
