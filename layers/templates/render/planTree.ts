import { Either } from "effect"
import { TemplateRenderFailed } from "../../../src/domain/Errors.ts"
import { collisionKey } from "../../../src/domain/PathSegment.ts"
import { evaluate } from "../language/evaluation.ts"
import { nameProblem } from "../tree/nameProblems.ts"
import type { Compiled } from "../language/Program.ts"
import { below, parentOf, type TemplateFile, type TemplateTree } from "../tree/TemplateTree.ts"
import type { Rendering } from "./Rendering.ts"

/** What a name may render to; a segment has at most 255 bytes anyway. */
const maxNameLength = 1000

export interface PlannedFile {
  /** Relative to the tree. */
  readonly path: string
  readonly file: TemplateFile
}

/** What will be made, parents first. */
export interface TreePlan {
  readonly directories: ReadonlyArray<string>
  readonly files: ReadonlyArray<PlannedFile>
}

interface Entry {
  readonly path: string
  readonly name: Compiled
}

interface Planning {
  readonly rendering: Rendering
  /** Output directory by template directory; null where it is left out. */
  readonly places: Map<string, string | null>
  /** Template path by output path, as file systems compare them. */
  readonly taken: Map<string, string>
}

export const renderFailed = (
  { tree }: Rendering,
  file: string,
  reason: string,
  line?: number,
): TemplateRenderFailed =>
  new TemplateRenderFailed({
    template: tree.source.manifest.name,
    file,
    reason,
    ...(line === undefined ? {} : { line }),
  })

const renderName = (
  planning: Planning,
  { path, name }: Entry,
): Either.Either<string, TemplateRenderFailed> => {
  const { rendering } = planning
  if (Either.isLeft(name))
    return Either.left(renderFailed(rendering, path, "has a name that can't be parsed"))
  return Either.mapLeft(
    evaluate(name.right, rendering.variables, { maxLength: maxNameLength, ...rendering.evaluation }),
    ({ message }) => renderFailed(rendering, path, `in its name, ${message}`),
  )
}

/** Where an entry goes; null when it, or a directory around it, is left out. */
const place = (planning: Planning, entry: Entry): Either.Either<string | null, TemplateRenderFailed> => {
  const parent = planning.places.get(parentOf(entry.path)) ?? null
  if (parent === null) return Either.right(null)
  return Either.flatMap(renderName(planning, entry), (name) => {
    if (name === "") return Either.right(null)
    const refuse = (reason: string) => Either.left(renderFailed(planning.rendering, entry.path, reason))
    const wrong = nameProblem(name, parent === "")
    if (wrong !== null) return refuse(wrong.message)
    const path = below(parent, name)
    const key = below(parent, collisionKey(name))
    const other = planning.taken.get(key)
    if (other !== undefined)
      return refuse(`becomes ${path}, which ${other} becomes, too, where case doesn't count`)
    planning.taken.set(key, entry.path)
    return Either.right(path)
  })
}

const isOutput = ({ role }: TemplateFile): boolean => role === "text" || role === "copy"

const byPath = (a: PlannedFile, b: PlannedFile): number => (a.path < b.path ? -1 : 1)

/** Renders every name. Nothing is written before all of them are known to be right. */
export const planTree = (
  tree: TemplateTree,
  rendering: Rendering,
): Either.Either<TreePlan, TemplateRenderFailed> =>
  Either.gen(function* () {
    const planning: Planning = { rendering, places: new Map([["", ""]]), taken: new Map() }
    for (const directory of tree.directories) {
      planning.places.set(directory.path, yield* place(planning, directory))
    }
    const files: Array<PlannedFile> = []
    for (const file of tree.files.filter(isOutput)) {
      const path = yield* place(planning, file)
      if (path !== null) files.push({ path, file })
    }
    const directories = [...planning.places.values()].flatMap((path) =>
      path === null || path === "" ? [] : [path],
    )
    return { directories, files: files.toSorted(byPath) }
  })
