import { Option } from "effect"
import type { Json, JsonObject } from "./Json.ts"
import type { Manifest, Question } from "./Template.ts"

const typeOf = ({ options, pattern, type }: Question): JsonObject => {
  switch (type) {
    case "string":
    case "text":
      return { type: "string", ...(pattern === undefined ? {} : { pattern }) }
    case "date":
      return { type: "string", format: "date" }
    case "choice":
      return { type: "string", enum: options ?? [] }
    default:
      return { type }
  }
}

/** A default that has to be rendered first isn't known before the answers are. */
const literal = (value: Json | undefined): Option.Option<Json> =>
  value === undefined || (typeof value === "string" && value.includes("{{"))
    ? Option.none()
    : Option.some(value)

const propertyOf = (question: Question): JsonObject => ({
  ...typeOf(question),
  ...(question.label === undefined ? {} : { title: question.label }),
  ...(question.help === undefined ? {} : { description: question.help }),
  ...Option.match(literal(question.default), {
    onNone: () => ({}),
    onSome: (value) => ({ default: value }),
  }),
  ...(question.type === "text" ? { "x-multiline": true } : {}),
  ...(question.when === undefined ? {} : { "x-when": question.when }),
})

/** One that is asked in every case, and that nothing answers by itself. */
const mustBeAnswered = ({ default: value, required, when }: Question): boolean =>
  required === true && value === undefined && when === undefined

/**
 * A template's questions as a JSON Schema (2020-12) of a request's `variables`. What plugins take besides is
 * not in it. `x-when` is the condition under which a question is asked, `x-multiline` a text of several lines.
 */
export const questionsSchema = ({ name, questions = {} }: Manifest): JsonObject => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: name,
  type: "object",
  properties: Object.fromEntries(
    Object.entries(questions).map(([id, question]) => [id, propertyOf(question)]),
  ),
  required: Object.entries(questions).flatMap(([id, question]) => (mustBeAnswered(question) ? [id] : [])),
})
