import { type DateTime, Either } from "effect"
import type { Json } from "../../../src/domain/Json.ts"
import type { Evaluation, EvaluationFailure, Place, Program } from "./Program.ts"

/** What one evaluation may cost, besides its output. */
export const evaluationLimits = {
  /** Evaluated nodes; 64 characters that pass through a helper count as one more. */
  work: 5_000_000,
  /** Blocks in blocks and partials in partials, through all files together. */
  depth: 200,
  /** Characters of a value that a helper makes. */
  value: 1024 * 1024,
} as const

/** Records the first failure; the value is what an expression that failed evaluates to. */
export const fail = (run: Evaluation, place: Place, message: string): "" => {
  run.failure ??= { file: place.file, line: place.line, message }
  return ""
}

export const write = (run: Evaluation, place: Place, text: string): void => {
  if (run.failure !== null) return
  run.written += text.length
  if (run.written <= run.maxLength) run.output += text
  else fail(run, place, `the output grows beyond the limit of ${run.maxLength} bytes`)
}

/** Accounts for work; false when there was too much of it, or something failed before. */
export const spend = (run: Evaluation, place: Place, cost: number): boolean => {
  run.work += cost
  if (run.work > evaluationLimits.work) fail(run, place, "takes too many steps to render")
  return run.failure === null
}

/** Runs something one level deeper, unless that is too deep. */
export const descend = (run: Evaluation, place: Place, inner: () => void): void => {
  if (run.depth >= evaluationLimits.depth) {
    fail(run, place, `blocks and partials are nested deeper than ${evaluationLimits.depth} levels`)
    return
  }
  run.depth += 1
  inner()
  run.depth -= 1
}

/** Runs something and hands over what it wrote instead of leaving it in the output. */
export const capture = (run: Evaluation, inner: () => void): string => {
  const before = run.output
  run.output = ""
  inner()
  const captured = run.output
  run.output = before
  run.written -= captured.length
  return captured
}

export interface EvaluationOptions {
  readonly zone: DateTime.TimeZone
  readonly partials: ReadonlyMap<string, Program>
  /** Characters of output at most. */
  readonly maxLength: number
}

/** The text of a program over variables. Its work is bounded, whatever the variables hold. */
export const evaluate = (
  program: Program,
  variables: Json,
  options: EvaluationOptions,
): Either.Either<string, EvaluationFailure> => {
  if (program.constant !== null && program.constant.length <= options.maxLength) {
    return Either.right(program.constant)
  }
  const { maxLength, partials, zone } = options
  const run: Evaluation = {
    zone,
    partials,
    maxLength,
    output: "",
    written: 0,
    work: 0,
    depth: 0,
    failure: null,
  }
  const frame = { value: variables, outer: null }
  program.body({ frame, loop: null, locals: null, root: variables }, run)
  return run.failure === null ? Either.right(run.output) : Either.left(run.failure)
}
