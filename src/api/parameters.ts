import { Schema } from "effect"

/** One of a few words; any other is told which they are, in one sentence. */
export const oneOf = <const Words extends readonly [string, ...ReadonlyArray<string>]>(
  schema: Schema.Literal<Words>,
) =>
  Schema.optionalWith(
    schema.annotations({
      message: () => ({ message: `must be one of ${schema.literals.join(", ")}`, override: true }),
    }),
    { exact: true },
  )

/** How many entries a page has. */
export const pageLimit = Schema.optionalWith(
  Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 1000)).annotations({
    message: () => ({ message: "must be a whole number between 1 and 1000", override: true }),
  }),
  { exact: true },
)

const cursorLike = (pattern: RegExp) =>
  Schema.String.pipe(
    Schema.pattern(pattern, {
      message: () => ({ message: "must be the `next_cursor` of a page", override: true }),
    }),
  )

/** Where a page begins, as the page before said; `pattern` is what they look like. */
export const pageCursor = (pattern: RegExp) => Schema.optionalWith(cursorLike(pattern), { exact: true })

/** The last session that a page showed. */
export const SessionCursor = cursorLike(/^\d{1,15}$/)

/** The number of an event. */
export const eventNumber = Schema.optionalWith(
  Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative()).annotations({
    message: () => ({ message: "must be a whole number, 0 or more", override: true }),
  }),
  { exact: true },
)
