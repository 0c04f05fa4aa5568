import { Effect, Either, Encoding, Option, Schema } from "effect"
import { cursorRefused, PageRefused } from "../domain/PageRefused.ts"
import type { Listed } from "./listing.ts"

const maxPage = 1000
const usualPage = 100

const Key = Schema.Tuple(Schema.NonNegativeInt, Schema.String)
type Key = typeof Key.Type

const decodeKey = Schema.decodeUnknownOption(Schema.parseJson(Key))

/** Where a page ended. JSON has a way to write every name, also one that isn't UTF-8. */
const cursorOf = ({ group, name }: Listed): string => Encoding.encodeBase64Url(JSON.stringify([group, name]))

const readCursor = (cursor: string): Option.Option<Key> =>
  Option.flatMap(Either.getRight(Encoding.decodeBase64UrlString(cursor)), decodeKey)

const isAfter =
  ([group, name]: Key) =>
  (listed: Listed): boolean =>
    listed.group > group || (listed.group === group && listed.name > name)

export interface PageWish {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** A page of what is listed in order, and where the next one begins. */
export const pageOf = (
  all: ReadonlyArray<Listed>,
  { cursor, limit = usualPage }: PageWish,
): Effect.Effect<
  { readonly shown: ReadonlyArray<Listed>; readonly nextCursor: string | null },
  PageRefused
> =>
  Effect.gen(function* () {
    if (!Number.isInteger(limit) || limit < 1 || limit > maxPage) {
      return yield* new PageRefused({
        field: "limit",
        reason: `must be a whole number between 1 and ${maxPage}`,
      })
    }
    const key = cursor === undefined ? Option.none() : readCursor(cursor)
    if (cursor !== undefined && Option.isNone(key)) return yield* cursorRefused()
    const found = Option.isNone(key) ? 0 : all.findIndex(isAfter(key.value))
    const first = found === -1 ? all.length : found
    const shown = all.slice(first, first + limit)
    const last = shown.at(-1)
    return { shown, nextCursor: last === undefined || first + limit >= all.length ? null : cursorOf(last) }
  })
