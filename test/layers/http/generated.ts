import { OpenApi } from "@effect/platform"
import * as FC from "effect/FastCheck"
import { Api } from "../../../src/api/Api.ts"
import { projectBody } from "./calls.ts"

type Schema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null

/** A part of the document; one that isn't there is empty. */
const part = (whole: unknown, ...keys: ReadonlyArray<string>): Schema =>
  keys.reduce<Schema>(
    (found, key) => {
      const inner = found[key]
      return isSchema(inner) ? inner : {}
    },
    isSchema(whole) ? whole : {},
  )

const document = OpenApi.fromApi(Api)

const resolved = (schema: Schema): Schema => {
  const reference = schema["$ref"]
  return typeof reference === "string"
    ? part(document, "components", "schemas", reference.split("/").at(-1) ?? "")
    : schema
}

const hostile: FC.Arbitrary<string> = FC.oneof(
  FC.string(),
  FC.constantFrom(
    "..",
    "%2e%2e%2f",
    "%",
    "%zz",
    "\u0000",
    "__proto__",
    "constructor",
    "💥",
    "-1",
    "1e999",
    "NaN",
    " ",
    "",
    "'\"<>",
  ),
  FC.constantFrom(
    "a".repeat(3000),
    "\u202e",
    "CON",
    "../../etc/passwd",
    "00000000-0000-4000-8000-000000000000",
  ),
)

const anyJson: FC.Arbitrary<unknown> = FC.oneof(FC.jsonValue({ maxDepth: 4 }), hostile, FC.double())

/** What a schema allows, as far as shapes go. */
const valueOf = (given: Schema, depth: number): FC.Arbitrary<unknown> => {
  const schema = resolved(given)
  if (depth > 5) return FC.constant(null)
  if (Array.isArray(schema["enum"])) return FC.constantFrom(...(schema["enum"] as ReadonlyArray<unknown>))
  const choices = schema["anyOf"] ?? schema["oneOf"]
  if (Array.isArray(choices))
    return FC.oneof(...choices.filter(isSchema).map((choice) => valueOf(choice, depth + 1)))
  switch (schema["type"]) {
    case "string":
      return FC.oneof(FC.string(), FC.constantFrom("DEMO_01", "plain_project", "PROJ-1", "DEMO_01/PROJ-0042"))
    case "integer":
      return FC.integer()
    case "number":
      return FC.double()
    case "boolean":
      return FC.boolean()
    case "object":
      return objectOf(schema, depth)
    default:
      return anyJson
  }
}

const objectOf = (schema: Schema, depth: number): FC.Arbitrary<unknown> => {
  const names = Object.keys(part(schema, "properties"))
  const fields = names.map((name) => [name, valueOf(part(schema, "properties", name), depth + 1)] as const)
  return names.length === 0
    ? FC.dictionary(FC.string(), FC.jsonValue({ maxDepth: 2 }))
    : FC.record(Object.fromEntries(fields))
}

/** One place of it is something else, is missing, or is there besides. */
const disturbed = (body: unknown): FC.Arbitrary<unknown> =>
  typeof body !== "object" || body === null || Array.isArray(body)
    ? anyJson
    : FC.tuple(FC.constantFrom(...Object.keys(body), "stranger"), anyJson, FC.boolean()).map(
        ([key, value, drop]) => {
          const { [key]: _, ...rest } = body as Record<string, unknown>
          return drop ? rest : { ...rest, [key]: value }
        },
      )

/** The text is cut, or one character of it is another. */
const garbled = (text: string): FC.Arbitrary<string> =>
  FC.tuple(
    FC.nat({ max: text.length }),
    FC.constantFrom("", "}", '"', "\\", "\u0000", "é"),
    FC.boolean(),
  ).map(([at, put, cut]) => text.slice(0, at) + put + (cut ? "" : text.slice(at + 1)))

const bodyOf = (operation: Schema): FC.Arbitrary<string | undefined> => {
  const schema = part(operation, "requestBody", "content", "application/json", "schema")
  if (Object.keys(schema).length === 0) return FC.constant(undefined)
  const right = FC.oneof(valueOf(schema, 0), FC.constant(projectBody))
  const changed = FC.oneof(right, right.chain(disturbed), right.chain(disturbed).chain(disturbed), anyJson)
  return changed
    .map((value) => JSON.stringify(value) ?? "null")
    .chain((text) =>
      FC.oneof({ weight: 4, arbitrary: FC.constant(text) }, { weight: 1, arbitrary: garbled(text) }),
    )
}

export interface Generated {
  readonly method: string
  readonly path: string
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

interface Operation {
  readonly path: string
  readonly method: string
  readonly operation: Schema
}

const operations: ReadonlyArray<Operation> = Object.keys(document.paths).flatMap((path) =>
  Object.keys(part(document.paths, path)).map((method) => ({
    path,
    method: method.toUpperCase(),
    operation: part(document.paths, path, method),
  })),
)

const encoded = FC.oneof(hostile.map(encodeURIComponent), FC.constantFrom("%", "%zz", "%00", "a%2Fb", ".."))

const queryOf = (operation: Schema): FC.Arbitrary<string> => {
  const names = Object.values(part(operation, "parameters"))
    .filter((parameter) => part(parameter)["in"] === "query")
    .map((parameter) => String(part(parameter)["name"]))
  return FC.array(FC.tuple(FC.constantFrom(...names, "stranger"), encoded), { maxLength: 3 }).map((pairs) =>
    pairs.length === 0 ? "" : `?${pairs.map(([name, value]) => `${name}=${value}`).join("&")}`,
  )
}

const headersOf = FC.record({
  "content-type": FC.oneof(
    { weight: 6, arbitrary: FC.constant("application/json") },
    {
      weight: 1,
      arbitrary: FC.constantFrom(
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
      ),
    },
  ),
  "last-event-id": FC.constantFrom("0", "7", "-1", "x", "999999999999999999999"),
  "x-trace-id": FC.constantFrom("abcdefgh", "x", "!".repeat(300)),
})

const requestOf = (
  { method, operation, path }: Operation,
  id: FC.Arbitrary<string>,
): FC.Arbitrary<Generated> =>
  FC.record({
    method: FC.oneof(
      { weight: 12, arbitrary: FC.constant(method) },
      { weight: 1, arbitrary: FC.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") },
    ),
    path: FC.tuple(FC.oneof(id, encoded), queryOf(operation)).map(
      ([parameter, query]) => path.replace(/\{\w+\}/, () => parameter) + query,
    ),
    body: bodyOf(operation),
    headers: headersOf,
  })

/** Requests for every operation of the contract: right ones, nearly right ones, and nonsense. */
export const generatedRequests = (ids: ReadonlyArray<string>): FC.Arbitrary<Generated> =>
  FC.oneof(...operations.map((operation) => requestOf(operation, FC.constantFrom(...ids))))
