import { type Array as Arr, type DateTime, Either } from "effect"
import type { Issue } from "../../../src/domain/Errors.ts"
import { isBlank, valueProblem } from "../../../src/domain/Field.ts"
import type { Json, JsonObject } from "../../../src/domain/Json.ts"
import { type BuiltInVariables, builtInVariables } from "../../../src/domain/Template.ts"
import { evaluate } from "../language/evaluation.ts"
import type { Program } from "../language/Program.ts"
import { asNumber } from "../language/values.ts"
import type { AskedQuestion } from "../manifest/questions.ts"

/** Characters of an answer; long enough for prose, short enough for any pattern that isn't exponential. */
const maxLength = { withPattern: 1000, otherwise: 100_000 } as const

const maxExpressionLength = 10_000

type Answers = JsonObject

export interface AnswerContext {
  readonly questions: ReadonlyArray<AskedQuestion>
  readonly builtIn: BuiltInVariables
  readonly variables: JsonObject
  readonly pluginVariables: ReadonlyArray<string>
  readonly zone: DateTime.TimeZone
}

const issue = (id: string, message: string): Issue => ({
  field: `variables.${id}`,
  code: "validation_failed",
  message,
})

const given = ({ variables }: AnswerContext, id: string): Json | undefined =>
  Object.hasOwn(variables, id) ? variables[id] : undefined

/** The text of an expression over the built-in variables and the answers so far. */
const expressionText = (program: Program, { builtIn, zone }: AnswerContext, answers: Answers) =>
  evaluate(
    program,
    { ...answers, ...builtIn },
    {
      zone,
      partials: new Map(),
      maxLength: maxExpressionLength,
    },
  )

/** A text in the type of its question, where the type has a value for it. */
const convert = (text: string, type: AskedQuestion["question"]["type"]): Json => {
  const trimmed = text.trim()
  if (type === "number" || type === "integer") {
    return asNumber(trimmed) ?? text
  }
  if (type === "boolean" && (trimmed === "true" || trimmed === "false")) return trimmed === "true"
  return text
}

const defaultOf = (
  { default: value, question }: AskedQuestion,
  context: AnswerContext,
  answers: Answers,
): Either.Either<Json, string> => {
  if (value === null) return Either.right("")
  if ("literal" in value) return Either.right(value.literal)
  return Either.mapBoth(expressionText(value.expression, context, answers), {
    onLeft: ({ message }) => `has a default that can't be worked out: ${message}`,
    onRight: (text) => (isBlank(text) ? "" : convert(text, question.type)),
  })
}

/** Whether a question applies, after these answers to those before it. */
export const isAsked = (
  { when }: AskedQuestion,
  context: AnswerContext,
  answers: Answers,
): Either.Either<boolean, string> =>
  when === null
    ? Either.right(true)
    : Either.mapBoth(expressionText(when, context, answers), {
        onLeft: ({ message }) => `has a condition that can't be worked out: ${message}`,
        onRight: (text) => text.trim() === "true",
      })

const lengthProblem = (value: Json, pattern: string | undefined): string | null => {
  const most = pattern === undefined ? maxLength.otherwise : maxLength.withPattern
  return typeof value === "string" && value.length > most ? `is longer than ${most} characters` : null
}

const notAnswered = ({ question }: AskedQuestion): Json => (question.type === "boolean" ? false : "")

const answerAsked = (
  asked: AskedQuestion,
  context: AnswerContext,
  answers: Answers,
): Either.Either<Json, string> => {
  const { id, question } = asked
  const answer = given(context, id)
  return Either.flatMap(
    isBlank(answer) ? defaultOf(asked, context, answers) : Either.right(answer),
    (value): Either.Either<Json, string> => {
      if (isBlank(value)) {
        return question.required === true
          ? Either.left(`${question.label ?? id} is required`)
          : Either.right(notAnswered(asked))
      }
      const wrong = lengthProblem(value, question.pattern) ?? valueProblem(question, value)
      if (wrong === null) return Either.right(value)
      return Either.left(isBlank(answer) ? `the default ${JSON.stringify(value)} ${wrong}` : wrong)
    },
  )
}

/** What is typed into a field that doesn't apply isn't lost silently. */
const answerUnasked = (asked: AskedQuestion, context: AnswerContext): Either.Either<Json, string> =>
  isBlank(given(context, asked.id)) || given(context, asked.id) === false
    ? Either.right(notAnswered(asked))
    : Either.left("is not asked with these other answers: leave it out")

const answerOne = (
  asked: AskedQuestion,
  context: AnswerContext,
  answers: Answers,
): Either.Either<Json, string> =>
  Either.flatMap(isAsked(asked, context, answers), (applies) =>
    applies ? answerAsked(asked, context, answers) : answerUnasked(asked, context),
  )

const isBuiltIn = (name: string): boolean => builtInVariables.some((builtIn) => builtIn === name)

const unknownNames = ({ questions, variables, pluginVariables }: AnswerContext): ReadonlyArray<Issue> => {
  const known = new Set([...questions.map(({ id }) => id), ...pluginVariables])
  return Object.keys(variables).flatMap((name) => {
    if (isBuiltIn(name)) return [issue(name, "is set by the service and can't be given")]
    if (known.has(name)) return []
    const list = known.size === 0 ? "none" : [...known].join(", ")
    return [issue(name, `is not known to this template; it knows: ${list}`)]
  })
}

const pluginValues = ({
  questions,
  variables,
  pluginVariables,
}: AnswerContext): ReadonlyArray<[string, Json]> => {
  const asked = new Set(questions.map(({ id }) => id))
  return pluginVariables.flatMap((name): ReadonlyArray<[string, Json]> => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    return asked.has(name) || value === undefined ? [] : [[name, value]]
  })
}

/**
 * A value for every question, in their order, then what was given for plugins; or all that is wrong.
 * A question whose answer is wrong counts as not answered for those after it.
 */
export const answerQuestions = (
  context: AnswerContext,
): Either.Either<JsonObject, Arr.NonEmptyReadonlyArray<Issue>> => {
  const issues: Array<Issue> = [...unknownNames(context)]
  let answers: Answers = {}
  for (const asked of context.questions) {
    const answer = answerOne(asked, context, answers)
    if (Either.isLeft(answer)) issues.push(issue(asked.id, answer.left))
    answers = { ...answers, [asked.id]: Either.getOrElse(answer, () => notAnswered(asked)) }
  }
  const [first, ...others] = issues
  return first === undefined
    ? Either.right({ ...answers, ...Object.fromEntries(pluginValues(context)) })
    : Either.left([first, ...others])
}
