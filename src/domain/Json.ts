import { Schema } from "effect"

/** Any JSON value, as callers pass it in `variables` and records keep it. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export const maxDepth = 64

export interface JsonProblem {
  /** Dotted path of the offending value, e.g. `variables.samples.0`. */
  readonly path: string
  readonly reason: string
}

/** Why a string survives no file format, or null: lone surrogates and NUL are refused everywhere. */
export const textProblem = (text: string): string | null => {
  if (text.includes("\u0000")) return "contains a NUL character"
  if (!isWellFormed(text)) return "contains half of a surrogate pair"
  return null
}

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:^|[^\uD800-\uDBFF])[\uDC00-\uDFFF]/

const isWellFormed = (text: string): boolean => !loneSurrogate.test(text)

const isPlainObject = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** Everything that keeps `value` from being a JSON value of bounded depth with well-formed text. */
export const jsonProblems = (value: unknown, path: string, depth = 0): ReadonlyArray<JsonProblem> => {
  if (value === null || typeof value === "boolean") return []
  if (typeof value === "string") {
    const reason = textProblem(value)
    return reason === null ? [] : [{ path, reason }]
  }
  if (typeof value === "number") {
    return Number.isFinite(value) ? [] : [{ path, reason: "is not a finite number" }]
  }
  if (depth >= maxDepth) return [{ path, reason: `is nested deeper than ${maxDepth} levels` }]
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => jsonProblems(item, `${path}.${index}`, depth + 1))
  }
  if (typeof value === "object" && isPlainObject(value)) {
    return Object.entries(value).flatMap(([key, item]) => {
      const reason = textProblem(key)
      return reason === null
        ? jsonProblems(item, `${path}.${key}`, depth + 1)
        : [{ path, reason: `has a key that ${reason}` }]
    })
  }
  return [{ path, reason: `is not a JSON value but a ${typeof value}` }]
}

export const isJson = (value: unknown): value is Json => jsonProblems(value, "").length === 0

export const Json: Schema.Schema<Json> = Schema.declare(isJson, {
  identifier: "Json",
  description: "any JSON value",
  jsonSchema: {},
})

export const JsonObject: Schema.Schema<JsonObject> = Schema.declare(
  (value): value is JsonObject =>
    typeof value === "object" && value !== null && !Array.isArray(value) && isJson(value),
  { identifier: "JsonObject", description: "a JSON object", jsonSchema: { type: "object" } },
)

/** An object by its looks alone: for what a JSON parser returned, or what this service put together itself. */
export const TrustedJsonObject: Schema.Schema<JsonObject> = Schema.declare(
  (value): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value),
  { identifier: "TrustedJsonObject", description: "a JSON object", jsonSchema: { type: "object" } },
)
