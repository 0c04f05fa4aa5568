import { type Problem, type ProblemCode, problem } from "../problems.ts"
import type { PartialCall, Place, Reference } from "./Program.ts"
import { lineOfNode } from "./syntax.ts"

/** Where in a source something is compiled: what its names can mean there. */
export interface Site {
  readonly file: string
  /** Lines of the file before the source. */
  readonly lineOffset: number
  readonly partial: boolean
  /** What names are looked up in, innermost first: the variables, or a value of which nothing is known. */
  readonly frames: ReadonlyArray<"variables" | "value">
  /** How many `each` blocks are around it. */
  readonly loops: number
  /** Names given by `as |name …|`, innermost first. */
  readonly locals: ReadonlyArray<ReadonlyArray<string>>
  /** What was found so far; one for the whole source. */
  readonly found: {
    readonly problems: Array<Problem>
    readonly references: Array<Reference>
    readonly partials: Array<PartialCall>
  }
}

export const placeOf = (site: Site, node: hbs.AST.Node): Place => ({
  file: site.file,
  line: lineOfNode(node) + site.lineOffset,
})

/** Notes a problem; what was to be compiled then stands for nothing. */
export const refuse = (site: Site, node: hbs.AST.Node, code: ProblemCode, message: string): void => {
  site.found.problems.push(problem(code, site.file, lineOfNode(node) + site.lineOffset, message))
}

/** Notes a name of the variables. */
export const note = (
  site: Site,
  node: hbs.AST.PathExpression,
  [name, ...members]: ReadonlyArray<string>,
  { root, asList }: { readonly root: boolean; readonly asList: boolean },
): void => {
  if (name === undefined) return
  site.found.references.push({ name, members, root, asList, line: lineOfNode(node) + site.lineOffset })
}
