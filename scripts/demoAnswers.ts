/** Who answers the demo's questions: its options, a person at a terminal, or what the question suggests. */
import { createInterface } from "node:readline"
import { Effect, Either, Schema } from "effect"
import { type Field, typed } from "../src/domain/Field.ts"
import { isJson, type Json, type JsonObject } from "../src/domain/Json.ts"

/** Something that the demo needs from its surroundings isn't there. */
export class DemoFailed extends Schema.TaggedError<DemoFailed>()("DemoFailed", { message: Schema.String }) {}

export type GivenAnswers = Readonly<Record<string, string>>

/** Reads `--answer name=value`, as often as it is given. */
export const parseAnswers = (pairs: ReadonlyArray<string>): Either.Either<GivenAnswers, string> => {
  const wrong = pairs.find((pair) => !/^[A-Za-z_]\w*=/.test(pair))
  if (wrong !== undefined) return Either.left(`--answer ${wrong}: must be name=value`)
  return Either.right(
    Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    ),
  )
}

const samples = {
  string: "demo",
  text: "demo",
  number: 1,
  integer: 1,
  boolean: true,
  date: "2026-04-17",
} as const

/** What the question suggests, or something of its kind; null for what may stay open. */
export const suggestion = (field: Field): Json => {
  if (isJson(field.default) && field.default !== "") return field.default
  if (field.required !== true) return null
  return field.type === "choice" ? (field.options?.[0] ?? null) : samples[field.type]
}

/** Reads a line from the terminal. Questions go to standard error: standard output is the result's. */
const readLine = (question: string) =>
  Effect.async<string, DemoFailed>((resume) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    lines.once("close", () => resume(new DemoFailed({ message: "standard input ended before the answer" })))
    // A terminal in readline's hands sends no signal of its own.
    lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"))
    lines.question(question, (line) => {
      resume(Effect.succeed(line))
      lines.close()
    })
    return Effect.sync(() => lines.close())
  })

const questionOf = (field: Field): string => {
  const options = field.options === undefined ? "" : ` (${field.options.join(", ")})`
  const hint = field.hint === undefined ? "" : ` — ${field.hint}`
  const suggested = suggestion(field)
  return `  ${field.label}${options}${hint}${suggested === null ? "" : ` [${String(suggested)}]`}: `
}

export interface Answering {
  readonly given: GivenAnswers
  readonly isTerminal: boolean
  readonly say: (text: string) => Effect.Effect<void>
}

const answerTo = ({ given, isTerminal, say }: Answering, field: Field) =>
  Effect.gen(function* () {
    const option = Object.hasOwn(given, field.id) ? given[field.id] : undefined
    if (option !== undefined) {
      yield* say(`  ${field.label}: ${option}`)
      return typed(field, option)
    }
    if (isTerminal) {
      const line = yield* readLine(questionOf(field))
      return line.trim() === "" ? suggestion(field) : typed(field, line.trim())
    }
    const value = suggestion(field)
    if (value !== null) yield* say(`  ${field.label}: ${String(value)} (nobody was asked)`)
    return value
  })

/** An answer for each field, in their order. */
export const answersTo = (
  answering: Answering,
  fields: ReadonlyArray<Field>,
): Effect.Effect<JsonObject, DemoFailed> =>
  Effect.map(
    Effect.forEach(fields, (field) =>
      Effect.map(answerTo(answering, field), (value) => [field.id, value] as const),
    ),
    (pairs) => Object.fromEntries(pairs.filter(([, value]) => value !== null)),
  )
