import { Either } from "effect"
import type { Json } from "../../../src/domain/Json.ts"
import { builtInVariables, type Manifest, type Question } from "../../../src/domain/Template.ts"
import { compile } from "../language/compile.ts"
import type { Program } from "../language/Program.ts"
import type { Declared } from "../language/references.ts"
import type { Problem } from "../problems.ts"
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

const compileDefault = (
  value: Json | undefined,
  firstLine: number,
): Either.Either<AskedQuestion["default"], ReadonlyArray<Problem>> => {
  if (value === undefined) return Either.right(null)
  if (!isExpression(value)) return Either.right({ literal: value })
  return Either.map(compile(value, { file: manifestFile, firstLine }), (expression) => ({ expression }))
}

const compileWhen = (
  when: string | undefined,
  firstLine: number,
): Either.Either<Program | null, ReadonlyArray<Problem>> =>
  when === undefined ? Either.right(null) : compile(when, { file: manifestFile, firstLine })

/** The questions in the order in which they are asked, or every problem of their expressions. */
export const compileQuestions = (
  { questions = {} }: Manifest,
  lineOf: ManifestSource["lineOf"] = () => 0,
): Either.Either<ReadonlyArray<AskedQuestion>, ReadonlyArray<Problem>> => {
  const problems: Array<Problem> = []
  const asked: Array<AskedQuestion> = []
  for (const [id, question] of Object.entries(questions)) {
    const when = compileWhen(question.when, lineOf(["questions", id, "when"]))
    const byDefault = compileDefault(question.default, lineOf(["questions", id, "default"]))
    if (Either.isLeft(when)) problems.push(...when.left)
    if (Either.isLeft(byDefault)) problems.push(...byDefault.left)
    if (Either.isRight(when) && Either.isRight(byDefault)) {
      asked.push({ id, question, when: when.right, default: byDefault.right })
    }
  }
  return problems.length > 0 ? Either.left(problems) : Either.right(asked)
}

const compiled = new WeakMap<Manifest, ReadonlyArray<AskedQuestion>>()

/** The questions of a template that was checked. They are compiled once for each manifest. */
export const questionsOf = (manifest: Manifest): ReadonlyArray<AskedQuestion> => {
  const known = compiled.get(manifest)
  if (known !== undefined) return known
  const questions = Either.getOrElse(compileQuestions(manifest), () => [])
  compiled.set(manifest, questions)
  return questions
}
