import type { Json, JsonObject } from "../../../src/domain/Json.ts"

export const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

export const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** How a value is printed; null for lists and objects, which have no text of their own. */
export const asText = (value: Json): string | null => {
  if (typeof value === "string") return value
  if (value === null) return ""
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null
}

/**
 * Whether a condition holds. Numbers count as their text, so zero does; so do `"0"` and `"false"`.
 * What is empty doesn't: `""`, null and a list without items.
 */
export const holds = (value: Json): boolean => {
  if (typeof value === "boolean") return value
  if (typeof value === "number") return true
  if (value === null || value === "") return false
  return !isList(value) || value.length > 0
}

const arrayIndex = /^(?:0|[1-9]\d{0,9})$/

/** An own member of an object, or an item or the length of a list; undefined when there is none. */
export const member = (value: Json, key: string): Json | undefined => {
  if (isList(value)) {
    if (key === "length") return value.length
    return arrayIndex.test(key) ? value[Number(key)] : undefined
  }
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

const numeral = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

/** The number that a value is or reads as; null when it is none. */
export const asNumber = (value: Json): number | null => {
  if (typeof value === "number") return value
  return typeof value === "string" && numeral.test(value) ? Number(value) : null
}
