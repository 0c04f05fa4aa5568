import { Either } from "effect"
import { type Field, fieldProblem, isBlank, valueProblem } from "../../../src/domain/Field.ts"
import { type Manifest, type Question, builtInVariables } from "../../../src/domain/Template.ts"
import { globProblems } from "../../globs/globMatcher.ts"
import type { Compiled } from "../language/Program.ts"
import { checkReferences, type Declared } from "../language/references.ts"
import { type Problem, type ProblemCode, problem, warning } from "../problems.ts"
import { manifestFile, type ManifestSource } from "./decodeManifest.ts"
import { builtIns, compileQuestion } from "./questions.ts"

type Key = ReadonlyArray<PropertyKey>

interface Report {
  readonly error: (code: ProblemCode, key: Key, message: string) => Problem
  readonly warning: (code: ProblemCode, key: Key, message: string) => Problem
}

const reporter = ({ lineOf }: ManifestSource): Report => ({
  error: (code, key, message) => problem(code, manifestFile, lineOf(key), message),
  warning: (code, key, message) => warning(code, manifestFile, lineOf(key), message),
})

/** The fields that every README has; see `docs/templates.md`. */
const coreFields: ReadonlySet<string> = new Set(["label", "operator", "objective"])

const scopeProblems = ({ type, runScope }: Manifest, report: Report): ReadonlyArray<Problem> => {
  if (type === "run" && runScope === undefined) {
    return [
      report.error(
        "run_scope_missing",
        ["type"],
        "a run template says run_scope: experimental, test or both",
      ),
    ]
  }
  return type === "project" && runScope !== undefined
    ? [report.error("run_scope_unexpected", ["run_scope"], "run_scope is for run templates only")]
    : []
}

const idProblem = (id: string, key: Key, report: Report): Problem | null => {
  if (coreFields.has(id)) {
    return report.error("core_field_redeclared", key, `${id} is a core field that every request has`)
  }
  if (builtInVariables.some((name) => name === id)) {
    return report.error("question_invalid", key, `${id} is a variable that every template has`)
  }
  // An object can't have it as a key like any other.
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(id) && id !== "__proto__"
    ? null
    : report.error("question_invalid", key, `the id ${id} must be a letter, then letters, digits or _`)
}

/** `(a+)+` and its like take exponential time on texts that don't match. */
const slowPattern = /\([^()]*[+*][^()]*\)[+*{]/

type FieldSpec = Pick<Field, "type" | "options" | "pattern"> & Pick<Question, "default">

const specProblems = (spec: FieldSpec, what: string, key: Key, report: Report): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const unsound = fieldProblem(spec)
  if (unsound !== null) problems.push(report.error("field_invalid", key, `${what}: ${unsound}`))
  if (spec.pattern !== undefined && slowPattern.test(spec.pattern)) {
    const message = `${what}: a repetition inside a repetition can take for ever on a text that doesn't match`
    problems.push(report.warning("pattern_slow", [...key, "pattern"], message))
  }
  const { default: value } = spec
  const expression = typeof value === "string" && value.includes("{{")
  if (unsound === null && !isBlank(value) && !expression) {
    const wrong = valueProblem(spec, value)
    if (wrong !== null)
      problems.push(report.error("default_invalid", [...key, "default"], `${what}: the default ${wrong}`))
  }
  return problems
}

const questionProblems = ({ questions = {} }: Manifest, report: Report): ReadonlyArray<Problem> =>
  Object.entries(questions).flatMap(([id, question]) => {
    const key = ["questions", id]
    const wrongId = idProblem(id, key, report)
    return [...(wrongId === null ? [] : [wrongId]), ...specProblems(question, `question ${id}`, key, report)]
  })

const fieldProblems = ({ readme }: Manifest, report: Report): ReadonlyArray<Problem> => {
  const seen = new Set<string>()
  return (readme?.fields ?? []).flatMap((field, index) => {
    const key = ["readme", "fields", index]
    const problems = [...specProblems(field, `README field ${field.id}`, key, report)]
    if (coreFields.has(field.id)) {
      problems.push(
        report.error("core_field_redeclared", key, `${field.id} is a core field that every README has`),
      )
    }
    if (seen.has(field.id)) {
      problems.push(report.error("field_invalid", key, `the README field ${field.id} is there twice`))
    }
    seen.add(field.id)
    return problems
  })
}

const pluginProblems = ({ plugins = [] }: Manifest, report: Report): ReadonlyArray<Problem> =>
  plugins.flatMap((name, index) =>
    plugins.indexOf(name) === index
      ? []
      : [report.error("plugin_repeated", ["plugins", index], `the plugin ${name} is there twice`)],
  )

const exclusionProblems = (manifest: Manifest, report: Report): ReadonlyArray<Problem> => [
  ...globProblems(manifest.exclude ?? []).map(([index, message]) =>
    report.error("exclude_invalid", ["exclude", index], message),
  ),
  ...globProblems(manifest.skipIfExists ?? []).map(([index, message]) =>
    report.error("exclude_invalid", ["skip_if_exists", index], message),
  ),
]

/** What is wrong with a manifest beyond its keys and types, but for its expressions. */
export const manifestProblems = (source: ManifestSource): ReadonlyArray<Problem> => {
  const { manifest } = source
  const report = reporter(source)
  return [
    ...scopeProblems(manifest, report),
    ...questionProblems(manifest, report),
    ...fieldProblems(manifest, report),
    ...pluginProblems(manifest, report),
    ...exclusionProblems(manifest, report),
  ]
}

const compiledProblems = (compiled: Compiled | null, known: Declared): ReadonlyArray<Problem> =>
  compiled === null
    ? []
    : [
        ...(Either.isLeft(compiled) ? compiled.left.problems : []),
        ...checkReferences({ file: manifestFile, names: Either.merge(compiled) }, known, new Map()),
      ]

/** What is wrong with the expressions of questions: each sees the built-in variables and earlier answers. */
export const expressionProblems = ({ lineOf, manifest }: ManifestSource): ReadonlyArray<Problem> => {
  const declared = new Map(builtIns)
  return Object.entries(manifest.questions ?? {}).flatMap(([id, question]) => {
    const known: Declared = new Map(declared)
    declared.set(id, "single")
    const expressions = compileQuestion(id, question, lineOf)
    return [...compiledProblems(expressions.when, known), ...compiledProblems(expressions.default, known)]
  })
}
