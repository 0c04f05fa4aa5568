import { Effect, Option } from "effect"
import { type Field, typed } from "../../src/domain/Field.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { ask, isInteractive } from "./asking.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { pairs } from "./common.ts"
import { Output } from "./Output.ts"

export const answerOption = pairs("answer", "An answer to what a plugin asks")

/** Answers by their fields' ids, as they were typed. */
export type GivenAnswers = Readonly<Record<string, string>>

const answerTo = (field: Field, given: GivenAnswers) => {
  const text = Object.hasOwn(given, field.id) ? given[field.id] : undefined
  if (text !== undefined) return Effect.succeed<Json>(typed(field, text))
  if (isInteractive()) return ask(field)
  // A default is a proposal to a person: what must be answered isn't made up where nobody sits.
  if (field.required !== true) return Effect.succeed<Json>(null)
  return new CommandFailed({ message: `nobody answers: give it with --answer ${field.id}=VALUE` })
}

export interface Submission<A, E, R> {
  readonly submit: (inputs: JsonObject) => Effect.Effect<A, E, R>
  /** Whether the answers were refused, and the session still waits for others. */
  readonly isWrongAnswer: (error: E) => boolean
}

type Needs = Output | Effect.Effect.Context<ReturnType<typeof ask>>

/** Answers what a plugin asks. Who sits at a terminal may try again with what was wrong. */
export const answerFields = <A, E extends { readonly message: string }, R>(
  fields: ReadonlyArray<Field>,
  given: GivenAnswers,
  submission: Submission<A, E, R>,
): Effect.Effect<A, E | CommandFailed, R | Needs> =>
  Effect.gen(function* () {
    const { note } = yield* Output
    const { isWrongAnswer, submit } = submission
    const inputs = yield* Effect.forEach(fields, (field) =>
      Effect.map(answerTo(field, given), (value) => [field.id, value] as const),
    )
    const accepted = yield* submit(Object.fromEntries(inputs.filter(([, value]) => value !== null))).pipe(
      Effect.asSome,
      Effect.catchIf(
        (error) => isWrongAnswer(error) && isInteractive(),
        ({ message }) => Effect.as(note(`! ${message}`), Option.none<A>()),
      ),
    )
    // What was given beforehand was refused, too: now everything is asked.
    return Option.isSome(accepted) ? accepted.value : yield* answerFields(fields, {}, submission)
  })
