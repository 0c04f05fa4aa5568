import { type Arbitrary, Schema } from "effect"

/** Any JSON value, as callers pass it in `variables` and records keep it. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export const maxDepth = 64

/** How much one value may hold. What stands at several places of it counts at each of them. */
export interface JsonLimits {
  /** Values of every kind, lists and objects included. */
  readonly values: number
  /** UTF-16 units of all texts and keys together. */
  readonly characters: number
}

/** More than anything that this service handles, and little enough to be looked through. */
const lenient: JsonLimits = { values: 1_000_000, characters: Number.POSITIVE_INFINITY }

/** What a caller may hand over at once: written out in full it still fits into a record. */
export const callerLimits: JsonLimits = { values: 20_000, characters: 1_000_000 }

export interface JsonProblem {
  /** Dotted path of the offending value, e.g. `variables.samples.0`. */
  readonly path: string
  readonly reason: string
}

/** More problems of one value are not listed. */
export const maxJsonProblems = 100

// In Unicode mode a half is one only where its other half is missing.
const loneSurrogate = /\p{Surrogate}/u

/** Why a string survives no file format, or null: lone surrogates and NUL are refused everywhere. */
export const textProblem = (text: string): string | null => {
  if (text.includes("\u0000")) return "contains a NUL character"
  if (loneSurrogate.test(text)) return "contains half of a surrogate pair"
  return null
}

const isPlainObject = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const isPlainList = (value: object): value is ReadonlyArray<unknown> =>
  Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype

/** One look through a value. It stops early when there is too much of it, or too much wrong with it. */
interface Inspection {
  readonly limits: JsonLimits
  readonly problems: Array<JsonProblem>
  readonly path: Array<string | number>
  values: number
  characters: number
  stopped: boolean
}

const report = (inspection: Inspection, reason: string): void => {
  inspection.problems.push({ path: inspection.path.join("."), reason })
  if (inspection.problems.length >= maxJsonProblems) inspection.stopped = true
}

const stop = (inspection: Inspection, reason: string): void => {
  inspection.problems.push({ path: String(inspection.path[0]), reason })
  inspection.stopped = true
}

const count = (inspection: Inspection, values: number, characters: number): void => {
  const { limits } = inspection
  inspection.values += values
  inspection.characters += characters
  if (inspection.values > limits.values) stop(inspection, `holds more than ${limits.values} values`)
  else if (inspection.characters > limits.characters) {
    stop(inspection, `holds more than ${limits.characters} characters`)
  }
}

const inspectText = (inspection: Inspection, text: string, prefix: string): boolean => {
  count(inspection, 0, text.length)
  const reason = inspection.stopped ? null : textProblem(text)
  if (reason !== null) report(inspection, `${prefix}${reason}`)
  return reason === null
}

const inspectAt = (inspection: Inspection, key: string | number, value: unknown, depth: number): void => {
  inspection.path.push(key)
  inspect(inspection, value, depth)
  inspection.path.pop()
}

const inspectList = (inspection: Inspection, list: ReadonlyArray<unknown>, depth: number): void => {
  // A list may be as long as it says and hold next to nothing: it counts before anybody walks it.
  count(inspection, list.length, 0)
  for (let index = 0; index < list.length && !inspection.stopped; index += 1) {
    inspectAt(inspection, index, list[index], depth)
  }
}

const inspectObject = (inspection: Inspection, object: Record<string, unknown>, depth: number): void => {
  for (const [key, value] of Object.entries(object)) {
    count(inspection, 1, 0)
    if (inspection.stopped) return
    if (inspectText(inspection, key, "has a key that ")) inspectAt(inspection, key, value, depth)
  }
}

const inspectContainer = (inspection: Inspection, value: object, depth: number): void => {
  if (depth >= maxDepth) report(inspection, `is nested deeper than ${maxDepth} levels`)
  else if (isPlainList(value)) inspectList(inspection, value, depth + 1)
  else if (isPlainObject(value)) inspectObject(inspection, value, depth + 1)
  else report(inspection, "is an object of a class, not a JSON value")
}

const inspect = (inspection: Inspection, value: unknown, depth: number): void => {
  if (inspection.stopped) return
  switch (typeof value) {
    case "boolean":
      return
    case "string":
      inspectText(inspection, value, "")
      return
    case "number":
      if (!Number.isFinite(value)) report(inspection, "is not a finite number")
      return
    case "object":
      if (value !== null) inspectContainer(inspection, value, depth)
      return
    case "undefined":
      report(inspection, "is undefined: leave it out, or say null")
      return
    default:
      report(
        inspection,
        typeof value === "symbol" ? "can't be read" : `is a ${typeof value}, not a JSON value`,
      )
  }
}

/**
 * What keeps `value` from being a JSON value of bounded depth and size with well-formed text: at most
 * `maxJsonProblems`. Values that hold themselves come to an end here, too.
 */
export const jsonProblems = (
  value: unknown,
  path: string,
  limits: JsonLimits = lenient,
): ReadonlyArray<JsonProblem> => {
  const inspection: Inspection = {
    limits,
    problems: [],
    path: [path],
    values: 1,
    characters: 0,
    stopped: false,
  }
  inspect(inspection, value, 0)
  return inspection.problems
}

export const isJson = (value: unknown): value is Json => jsonProblems(value, "").length === 0

const looksLikeObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isJsonObject = (value: unknown): value is JsonObject => looksLikeObject(value) && isJson(value)

const anyJson: Arbitrary.LazyArbitrary<Json> = (fc) =>
  fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as Json)

const anyObject: Arbitrary.LazyArbitrary<JsonObject> = (fc) => fc.dictionary(fc.string(), anyJson(fc))

export const Json: Schema.Schema<Json> = Schema.declare(isJson, {
  identifier: "Json",
  description: "any JSON value",
  jsonSchema: {},
  arbitrary: () => anyJson,
})

export const JsonObject: Schema.Schema<JsonObject> = Schema.declare(isJsonObject, {
  identifier: "JsonObject",
  description: "a JSON object",
  jsonSchema: { type: "object" },
  arbitrary: () => anyObject,
})

/** An object by its looks alone: for what a JSON parser returned, or what this service put together itself. */
export const TrustedJsonObject: Schema.Schema<JsonObject> = Schema.declare(looksLikeObject, {
  identifier: "TrustedJsonObject",
  description: "a JSON object",
  jsonSchema: { type: "object" },
  arbitrary: () => anyObject,
})
