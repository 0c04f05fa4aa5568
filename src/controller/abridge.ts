import type { CreateRequest } from "../domain/CreateRequest.ts"
import { isPlain, keysOf, reading } from "./snapshot.ts"

/** What is kept of a request: more than what anybody meant to send, and little enough for a day. */
const limits = { fields: 30, values: 200, characters: 2000, text: 1000, beginning: 100 } as const

interface Budget {
  values: number
  characters: number
}

/** Its beginning in a text of its own: a slice would keep the whole one in memory. */
const beginningOf = (text: string): string => [...text.slice(0, limits.beginning + 1)].slice(0, -1).join("")

const abridgedText = (text: string, budget: Budget): string => {
  if (text.length <= Math.min(limits.text, budget.characters)) {
    budget.characters -= text.length
    return text
  }
  return `${beginningOf(text)}… (${text.length} characters)`
}

/** The first ones, until there are too many. */
const some = <A, B>(items: ReadonlyArray<A>, budget: Budget, abridge: (item: A) => B): ReadonlyArray<B> => {
  const kept: Array<B> = []
  for (const item of items) {
    if (budget.values <= 0) break
    kept.push(abridge(item))
  }
  return kept
}

const abridgedList = (list: ReadonlyArray<unknown>, budget: Budget): ReadonlyArray<unknown> => {
  const indexes = Array.from({ length: Math.min(list.length, limits.values) }, (_, index) => index)
  const kept = some(indexes, budget, (index) =>
    abridged(
      reading(() => list[index]),
      budget,
    ),
  )
  return kept.length === list.length ? kept : [...kept, `… and ${list.length - kept.length} more`]
}

const abridgedObject = (object: object, budget: Budget): object => {
  const keys = keysOf(object)
  const kept = some(keys, budget, (key) => [
    abridgedText(key, budget),
    abridged(
      reading(() => Reflect.get(object, key)),
      budget,
    ),
  ])
  const rest = keys.length === kept.length ? [] : [["…", `and ${keys.length - kept.length} more`]]
  return Object.fromEntries([...kept, ...rest]) as object
}

const abridged = (value: unknown, budget: Budget): unknown => {
  budget.values -= 1
  switch (typeof value) {
    case "string":
      return abridgedText(value, budget)
    case "object":
      if (value === null) return null
      if (Array.isArray(value)) return abridgedList(value, budget)
      return isPlain(value) ? abridgedObject(value, budget) : "(no data)"
    case "bigint":
    case "function":
    case "symbol":
      return "(no data)"
    default:
      return value
  }
}

/**
 * What is remembered of a request that was refused: each field as it was, if it is of a usual size. Of longer
 * texts the beginning is kept, of many values the first; both say how much there was.
 */
export const abridge = (request: CreateRequest): CreateRequest =>
  Object.fromEntries(
    keysOf(request)
      .slice(0, limits.fields)
      .map((key) => {
        const budget = { values: limits.values, characters: limits.characters }
        return [abridgedText(key, budget), abridged(Reflect.get(request, key), budget)] as const
      }),
    // Nothing has a shape that the request didn't have; that may be none at all.
  ) as CreateRequest
