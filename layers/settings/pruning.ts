import type { Json, JsonObject } from "../../src/domain/Json.ts"

type Path = ReadonlyArray<string>

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Whether there is something at a path. */
export const has = (value: Json | undefined, path: Path): boolean => {
  const [key, ...rest] = path
  if (value === undefined || key === undefined) return value !== undefined
  if (Array.isArray(value)) return has(value[Number(key)], rest)
  return isObject(value) && Object.hasOwn(value, key) && has(value[key], rest)
}

/** A value without what is at a path. An item of a list takes the whole list along: the others keep their places. */
export const without = (value: Json, path: Path): Json => {
  const [key, ...rest] = path
  if (key === undefined) return {}
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => (String(index) === key ? without(item, rest) : item))
  }
  if (!isObject(value) || !Object.hasOwn(value, key)) return value
  const inner = value[key]
  const [next, ...deeper] = rest
  const isItem = next !== undefined && deeper.length === 0 && Array.isArray(inner)
  if (next !== undefined && !isItem && inner !== undefined) return { ...value, [key]: without(inner, rest) }
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
}

/** Whether one of two paths leads to the other, or they are the same. */
export const overlap = (a: Path, b: Path): boolean => {
  const length = Math.min(a.length, b.length)
  return a.slice(0, length).every((segment, index) => segment === b[index])
}
