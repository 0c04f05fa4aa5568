import { Either } from "effect"
import type { Problem } from "../problems.ts"
import { compileBody } from "./compileBody.ts"
import { write } from "./evaluation.ts"
import type { Compiled, Program, Unsound } from "./Program.ts"
import type { Site } from "./site.ts"
import { parse } from "./syntax.ts"

export interface SourceOptions {
  readonly file: string
  /** Line of the file on which the source begins. */
  readonly firstLine?: number
  /** Whether it is a file of `_partials/`. */
  readonly partial?: boolean
}

/** A text that means itself. */
export const constantProgram = (text: string, file: string): Program => ({
  constant: text,
  body: (_, run) => write(run, { file, line: 1 }, text),
  expressions: 0,
  references: [],
  partials: [],
})

/** Of what wasn't even read. */
export const unsound = (...problems: ReadonlyArray<Problem>): Unsound => ({
  problems,
  references: [],
  partials: [],
})

/** Parses a source and finds everything that is wrong with it by itself. */
export const compile = (
  source: string,
  { file, firstLine = 1, partial = false }: SourceOptions,
): Compiled => {
  if (!source.includes("{{")) return Either.right(constantProgram(source, file))
  const lineOffset = firstLine - 1
  const parsed = parse(source, file)
  if (Either.isLeft(parsed)) {
    const { left } = parsed
    return Either.left(unsound({ ...left, line: left.line === 0 ? 0 : left.line + lineOffset }))
  }
  const found: Site["found"] = { problems: [], references: [], partials: [] }
  const site: Site = { file, lineOffset, partial, frames: ["variables"], loops: 0, locals: [], found }
  const body = compileBody(parsed.right.program, site)
  const { problems, references, partials } = found
  return problems.length > 0
    ? Either.left({ problems, references, partials })
    : Either.right({ constant: null, body, expressions: parsed.right.expressions, references, partials })
}
