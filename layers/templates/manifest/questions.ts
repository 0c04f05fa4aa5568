import { Either } from "effect"
import type { Json } from "../../../src/domain/Json.ts"
import { builtInVariables, type Manifest, type Question } from "../../../src/domain/Template.ts"
import { compile } from "../language/compile.ts"
import type { Compiled, Program } from "../language/Program.ts"
import type { Declared } from "../language/references.ts"
import { manifestFile, type ManifestSource } from "./decodeManifest.ts"

/** A question whose expressions are ready to be evaluated. */
export interface AskedQuestion {
  readonly id: string
  readonly question: Question
  /** Asked only if this renders to `true`; null: always. */
  readonly when: Program | null
  readonly default: { readonly expression: Program } | { readonly literal: Json } | null
}

export const builtIns: Declared = new Map(builtInVariables.map((name) => [name, "single"]))

/** What a template's texts and names may name. */
export const declaredBy = (manifest: Manifest, pluginVariables: ReadonlyArray<string>): Declared =>
  new Map([
    ...pluginVariables.map((name): [string, "any"] => [name, "any"]),
    ...Object.keys(manifest.questions ?? {}).map((id): [string, "single"] => [id, "single"]),
    ...builtIns,
  ])

const isExpression = (value: unknown): value is string => typeof value === "string" && value.includes("{{")

/** The expressions of a question; null where it has none. */
export interface QuestionExpressions {
  readonly when: Compiled | null
  readonly default: Compiled | null
}

export const compileQuestion = (
  id: string,
  question: Question,
  lineOf: ManifestSource["lineOf"] = () => 0,
): QuestionExpressions => {
  const compiledAt = (text: string, key: string) =>
    compile(text, { file: manifestFile, firstLine: lineOf(["questions", id, key]) })
  return {
    when: question.when === undefined ? null : compiledAt(question.when, "when"),
    default: isExpression(question.default) ? compiledAt(question.default, "default") : null,
  }
}

const defaultOf = ({ default: literal }: Question, expression: Program | null): AskedQuestion["default"] => {
  if (expression !== null) return { expression }
  return literal === undefined ? null : { literal }
}

/** The questions in the order in which they are asked; none when one of their expressions is unsound. */
const compileQuestions = ({ questions = {} }: Manifest): ReadonlyArray<AskedQuestion> =>
  Either.getOrElse(
    Either.all(
      Object.entries(questions).map(([id, question]) => {
        const expressions = compileQuestion(id, question)
        return Either.map(
          Either.all([expressions.when ?? Either.right(null), expressions.default ?? Either.right(null)]),
          ([when, byDefault]): AskedQuestion => ({
            id,
            question,
            when,
            default: defaultOf(question, byDefault),
          }),
        )
      }),
    ),
    () => [],
  )

const compiled = new WeakMap<Manifest, ReadonlyArray<AskedQuestion>>()

/** The questions of a template that was checked. They are compiled once for each manifest. */
export const questionsOf = (manifest: Manifest): ReadonlyArray<AskedQuestion> => {
  const known = compiled.get(manifest)
  if (known !== undefined) return known
  const questions = compileQuestions(manifest)
  compiled.set(manifest, questions)
  return questions
}
