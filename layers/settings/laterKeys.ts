import type { Json, JsonObject } from "../../src/domain/Json.ts"

/** A key that is reserved for what this version can't do yet. */
export interface LaterKey {
  readonly path: ReadonlyArray<string>
  readonly message: string
}

const noCopies = "this version copies nothing to a NAS yet: remove the key"

const later: Readonly<Record<string, string>> = {
  sync: noCopies,
  nas_cleanup: noCopies,
  "paths.state_dir": "this version keeps no state of its own on disk yet: remove the key",
  "equipment.*.sync_when": noCopies,
  "equipment.*.completeness": noCopies,
  "equipment.*.transport": noCopies,
}

const reasonFor = (path: ReadonlyArray<string>): string | undefined => {
  const pattern = path.map((segment) => (/^\d+$/.test(segment) ? "*" : segment)).join(".")
  return Object.hasOwn(later, pattern) ? later[pattern] : undefined
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const entriesOf = (value: Json): ReadonlyArray<readonly [string, Json]> => {
  if (Array.isArray(value)) return value.map((item: Json, index) => [String(index), item] as const)
  return isObject(value) ? Object.entries(value) : []
}

/** Three levels hold every reserved key. */
const deepest = 3

/** The reserved keys that a file uses. */
export const laterKeysIn = (value: Json, path: ReadonlyArray<string> = []): ReadonlyArray<LaterKey> => {
  const message = reasonFor(path)
  if (message !== undefined) return [{ path, message }]
  return path.length === deepest
    ? []
    : entriesOf(value).flatMap(([key, inner]) => laterKeysIn(inner, [...path, key]))
}

/** The same without them, so that nothing else is said about them. */
export const withoutLaterKeys = (value: Json, path: ReadonlyArray<string> = []): Json => {
  if (path.length === deepest) return value
  const kept = entriesOf(value)
    .filter(([key]) => reasonFor([...path, key]) === undefined)
    .map(([key, inner]) => [key, withoutLaterKeys(inner, [...path, key])] as const)
  if (Array.isArray(value)) return kept.map(([, inner]) => inner)
  return isObject(value) ? Object.fromEntries(kept) : value
}
