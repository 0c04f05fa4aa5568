import { Either } from "effect"
import type { CreateRequest } from "../domain/CreateRequest.ts"

/** Stands for a value that could not be read: no check lets it pass. */
const unreadable = Symbol("unreadable")

/** Deeper, and more values, than any check lets pass: what lies beyond is refused and needn't be copied. */
const maxDepth = 100
const maxValues = 30_000

export const reading = (read: () => unknown): unknown => Either.getOrElse(Either.try(read), () => unreadable)

export const keysOf = (value: object): ReadonlyArray<string> =>
  Either.getOrElse(
    Either.try(() => Object.keys(value)),
    () => [],
  )

export const isPlain = (value: object): boolean => {
  const prototype: unknown = reading(() => Object.getPrototypeOf(value))
  return prototype === null || prototype === Object.prototype
}

const copy = (value: unknown, depth: number, budget: { left: number }): unknown => {
  budget.left -= 1
  if (typeof value !== "object" || value === null || depth > maxDepth || budget.left < 0) return value
  if (Array.isArray(value)) {
    if (value.length > budget.left) return value
    return Array.from(value, (_, index) =>
      copy(
        reading(() => value[index]),
        depth + 1,
        budget,
      ),
    )
  }
  return isPlain(value) ? copyFields(value, keysOf(value), depth, budget) : value
}

const copyFields = (value: object, keys: ReadonlyArray<string>, depth: number, budget: { left: number }) =>
  Object.fromEntries(
    keys.map(
      (key) =>
        [
          key,
          copy(
            reading(() => Reflect.get(value, key)),
            depth + 1,
            budget,
          ),
        ] as const,
    ),
  )

/**
 * A request of one's own: what its caller does to it later changes nothing, and a field that reads
 * differently each time has one value. What can't be read, or is no plain data, is there to be refused.
 */
export const snapshot = (request: CreateRequest, names: ReadonlyArray<string>): CreateRequest => {
  const given: unknown = request
  const object = typeof given === "object" && given !== null ? given : {}
  const keys = [
    ...new Set([...names.filter((name) => reading(() => name in object) !== false), ...keysOf(object)]),
  ]
  // The gate looks at the shape before anything reads it.
  return copyFields(object, keys, 0, { left: maxValues }) as CreateRequest
}
