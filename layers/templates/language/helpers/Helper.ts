import { type DateTime, Either } from "effect"
import type { Json } from "../../../../src/domain/Json.ts"
import { asText } from "../values.ts"

/** The value of a helper, or what is wrong with what it was given. */
export type HelperResult = Either.Either<Json, string>

/**
 * A function that templates may call. It is given plain data and makes plain data. A blank first value suits
 * every one: what is wrong then is wrong with the others.
 */
export interface Helper {
  /** How many values it takes, at least and at most. */
  readonly takes: readonly [number, number]
  /** Work besides reading and making texts. */
  readonly cost?: (values: ReadonlyArray<Json>) => number
  readonly run: (values: ReadonlyArray<Json>, zone: DateTime.TimeZone) => HelperResult
}

export type Helpers = Readonly<Record<string, Helper>>

export const singleText = (value: Json | undefined): Either.Either<string, string> => {
  const text = asText(value ?? "")
  return text === null ? Either.left("needs a single value, not a list or an object") : Either.right(text)
}

/** A helper from one text to another. */
export const textHelper = (change: (text: string) => string): Helper => ({
  takes: [1, 1],
  run: ([value]) => Either.map(singleText(value), change),
})
