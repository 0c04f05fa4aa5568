import type { DateTime, Either } from "effect"
import type { Json } from "../../../src/domain/Json.ts"
import type { Problem } from "../problems.ts"

/** A variable that a source names. */
export interface Reference {
  readonly name: string
  /** What is taken out of it: `b` and `c` in `a.b.c`. */
  readonly members: ReadonlyArray<string>
  /** Whether it is named by `@root`, which means the variables everywhere. */
  readonly root: boolean
  /** Whether an `each` goes through it. */
  readonly asList: boolean
  readonly line: number
}

/** A partial that a source prints. */
export interface PartialCall {
  readonly name: string
  readonly line: number
  /** Whether it sees the variables of its caller, or some value of which nothing is known beforehand. */
  readonly sees: "variables" | "value"
  /** Values that the call gives it by name. */
  readonly named: ReadonlyArray<string>
}

/** Everything that a source names: what there must be for it. */
export interface Names {
  readonly references: ReadonlyArray<Reference>
  readonly partials: ReadonlyArray<PartialCall>
}

/**
 * A source that was parsed and checked as far as it can be by itself. It is evaluated straight from the
 * parsed tree: nothing is turned into JavaScript, only own members of plain data are looked up, and
 * everything that is printed becomes text by itself.
 */
export interface Program extends Names {
  /** The whole text, when there is nothing to evaluate. */
  readonly constant: string | null
  readonly body: Statement
  /** How many there are: what it costs to keep. */
  readonly expressions: number
}

/** A source that can't be used, and what it names as far as that could be read. */
export interface Unsound extends Names {
  readonly problems: ReadonlyArray<Problem>
}

export type Compiled = Either.Either<Program, Unsound>

export type Statement = (scope: Scope, run: Evaluation) => void
export type Expression = (scope: Scope, run: Evaluation) => Json

export interface Place {
  readonly file: string
  /** 1-based. */
  readonly line: number
}

export interface EvaluationFailure extends Place {
  readonly message: string
}

/** A value that names are looked up in; `../` leads to the outer one. */
export interface Frame {
  readonly value: Json
  readonly outer: Frame | null
}

/** One turn of an `each`: `@index`, `@key`, `@first`, `@last`. */
export interface Loop {
  readonly index: number
  readonly key: string | number
  readonly first: boolean
  readonly last: boolean
  readonly outer: Loop | null
}

/** The values of `as |name …|`. */
export interface Locals {
  readonly values: ReadonlyArray<Json>
  readonly outer: Locals | null
}

/** What an expression sees at its place. */
export interface Scope {
  readonly frame: Frame
  readonly loop: Loop | null
  readonly locals: Locals | null
  /** All variables. */
  readonly root: Json
}

/**
 * The state of one evaluation. It only grows, and after the first failure nothing is added any more:
 * whatever is still open then ends at once, with empty values.
 */
export interface Evaluation {
  readonly zone: DateTime.TimeZone
  readonly partials: ReadonlyMap<string, Program>
  /** Characters that may be written. */
  readonly maxLength: number
  output: string
  /** Characters written so far, also those that an open partial has yet to indent. */
  written: number
  work: number
  depth: number
  failure: EvaluationFailure | null
}
