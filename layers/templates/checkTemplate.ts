import { Either } from "effect"
import { checkReferences, type Declared, type Partials, type SourceFile } from "./language/references.ts"
import { declaredBy } from "./manifest/questions.ts"
import { byPlace, type Problem } from "./problems.ts"
import { outputs } from "./tree/nameProblems.ts"
import type { Compiled, TemplateFile, TemplateTree } from "./tree/TemplateTree.ts"

const sourceOf = (file: string, compiled: Compiled | null): ReadonlyArray<SourceFile> =>
  compiled !== null && Either.isRight(compiled) ? [{ file, program: compiled.right }] : []

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

const variableProblems = (tree: TemplateTree, declared: Declared): ReadonlyArray<Problem> => {
  const partials = partialsOf(tree)
  return sourcesOf(tree).flatMap((source) => checkReferences(source, declared, partials))
}

/** Everything that is wrong with a template, warnings included, by place. */
export const checkTemplate = (
  tree: TemplateTree,
  pluginVariables: ReadonlyArray<string>,
): ReadonlyArray<Problem> => {
  const declared = declaredBy(tree.source.manifest, pluginVariables)
  return distinct([...tree.problems, ...variableProblems(tree, declared)]).toSorted(byPlace)
}

/** The partials that something prints, also by way of others. */
export const usedPartials = (tree: TemplateTree): ReadonlySet<string> => {
  const partials = partialsOf(tree)
  const used = new Set<string>()
  const follow = ({ program }: SourceFile): void => {
    for (const { name } of program.partials) {
      if (used.has(name)) continue
      used.add(name)
      const target = partials.get(name)
      if (target !== undefined) follow(target)
    }
  }
  for (const source of sourcesOf(tree)) follow(source)
  return used
}
