import { Either } from "effect"
import type { Compiled } from "./language/Program.ts"
import { checkReferences, type Declared, type Partials, type SourceFile } from "./language/references.ts"
import { declaredBy } from "./manifest/questions.ts"
import { byPlace, type Problem, problem } from "./problems.ts"
import { outputs } from "./tree/nameProblems.ts"
import type { TemplateFile, TemplateTree } from "./tree/TemplateTree.ts"

const sourceOf = (file: string, compiled: Compiled | null): ReadonlyArray<SourceFile> =>
  compiled === null ? [] : [{ file, names: Either.merge(compiled) }]

const isRendered = ({ role }: TemplateFile): boolean => role === "text" || role === "body"

/** Everything that is evaluated by itself: texts and names. Partials are reached from them. */
const sourcesOf = (tree: TemplateTree): ReadonlyArray<SourceFile> => [
  ...outputs(tree.directories, tree.files).flatMap(({ path, name }) => sourceOf(path, name)),
  ...tree.files.filter(isRendered).flatMap(({ path, text }) => sourceOf(path, text)),
]

const partialsOf = (tree: TemplateTree): Partials =>
  new Map(
    [...tree.partials].flatMap(([name, { path, text }]) =>
      sourceOf(path, text).map((source): [string, SourceFile] => [name, source]),
    ),
  )

const distinct = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => [
  ...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values(),
]

/** Nobody reads more; a template can hold half a million mistakes. */
const maxProblems = 1000

const variableProblems = (tree: TemplateTree, declared: Declared): ReadonlyArray<Problem> => {
  const partials = partialsOf(tree)
  const problems: Array<Problem> = []
  for (const source of sourcesOf(tree)) {
    if (problems.length > maxProblems) break
    problems.push(...checkReferences(source, declared, partials).slice(0, maxProblems))
  }
  return problems
}

const cut = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> =>
  problems.length <= maxProblems
    ? problems
    : [...problems.slice(0, maxProblems), problem("limit_exceeded", "", 0, "has many more problems")]

const check = (tree: TemplateTree, pluginVariables: ReadonlyArray<string>): ReadonlyArray<Problem> => {
  const declared = declaredBy(tree.source.manifest, pluginVariables)
  return cut(distinct([...tree.problems, ...variableProblems(tree, declared)]).toSorted(byPlace))
}

interface Checked {
  readonly pluginVariables: string
  readonly problems: ReadonlyArray<Problem>
}

const checked = new WeakMap<TemplateTree, Checked>()

/** Everything that is wrong with a template, warnings included, by place. Looked for once for the same plugins. */
export const checkTemplate = (
  tree: TemplateTree,
  pluginVariables: ReadonlyArray<string>,
): ReadonlyArray<Problem> => {
  const variables = JSON.stringify(pluginVariables)
  const known = checked.get(tree)
  if (known?.pluginVariables === variables) return known.problems
  const problems = check(tree, pluginVariables)
  checked.set(tree, { pluginVariables: variables, problems })
  return problems
}

/** The partials that something prints, also by way of others. */
export const usedPartials = (tree: TemplateTree): ReadonlySet<string> => {
  const partials = partialsOf(tree)
  const used = new Set<string>()
  const follow = ({ names }: SourceFile): void => {
    for (const { name } of names.partials) {
      if (used.has(name)) continue
      used.add(name)
      const target = partials.get(name)
      if (target !== undefined) follow(target)
    }
  }
  for (const source of sourcesOf(tree)) follow(source)
  return used
}
