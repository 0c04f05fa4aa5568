import { HttpApi, OpenApi } from "@effect/platform"
import { Either, Option, ParseResult, Schema, type SchemaAST } from "effect"
import { describe, expect, it } from "vitest"
import { Api } from "../../src/api/Api.ts"
import { type ApiErrorCode, codesByStatus } from "../../src/api/codesByStatus.ts"

type Document = Readonly<Record<string, unknown>>

const isDocument = (value: unknown): value is Document => typeof value === "object" && value !== null

const document = OpenApi.fromApi(Api)

const part = (whole: unknown, ...keys: ReadonlyArray<string>): Document =>
  keys.reduce<Document>(
    (found, key) => {
      const inner = found[key]
      return isDocument(inner) ? inner : {}
    },
    isDocument(whole) ? whole : {},
  )

const resolved = (schema: Document): Document => {
  const reference = schema["$ref"]
  return typeof reference === "string"
    ? part(document, "components", "schemas", reference.split("/").at(-1) ?? "")
    : schema
}

/** Those of a schema, or of every choice that it leaves. */
const examplesOf = (schema: Document): ReadonlyArray<unknown> => {
  const { anyOf, examples } = resolved(schema)
  if (Array.isArray(examples)) return examples
  if (!Array.isArray(anyOf)) return []
  const all = anyOf.filter(isDocument).map(examplesOf)
  return all.some((some) => some.length === 0) ? [] : all.flat()
}

interface Shown {
  readonly what: string
  readonly ast: SchemaAST.AST
  readonly examples: ReadonlyArray<unknown>
}

const inContent = (content: Document): ReadonlyArray<unknown> =>
  Object.values(content).flatMap((media) => examplesOf(part(media, "schema")))

const shown: Array<Shown> = []
HttpApi.reflect(Api, {
  onGroup: () => {},
  onEndpoint: ({ endpoint, errors, payloads, successes }) => {
    const path = endpoint.path.replace(/:(\w+)/g, "{$1}")
    const operation = part(document, "paths", path, endpoint.method.toLowerCase())
    const what = `${endpoint.method} ${path}`
    for (const { ast } of payloads.values()) {
      shown.push({ what, ast, examples: inContent(part(operation, "requestBody", "content")) })
    }
    for (const [status, { ast }] of [...successes, ...errors]) {
      const content = part(operation, "responses", String(status), "content")
      const isEmpty = Object.keys(content).length === 0
      if (Option.isSome(ast) && !isEmpty) {
        shown.push({ what: `${what} ${status}`, ast: ast.value, examples: inContent(content) })
      }
    }
  },
})

describe("the examples of the document", () => {
  it("are there for every body of a request and of an answer", () => {
    expect(shown.length).toBeGreaterThan(80)
    expect(shown.filter(({ examples }) => examples.length === 0).map(({ what }) => what)).toEqual([])
  })

  it("are what the schemas decode, without a field too many", () => {
    const problems = shown.flatMap(({ ast, examples, what }) =>
      examples.flatMap((example) =>
        Either.match(Schema.decodeUnknownEither(Schema.make(ast), { onExcessProperty: "error" })(example), {
          onLeft: (error) => [`${what}: ${ParseResult.TreeFormatter.formatErrorSync(error)}`],
          onRight: () => [],
        }),
      ),
    )
    expect(problems).toEqual([])
  })

  it("show every code of an error under its status", () => {
    const schemas = part(document, "components", "schemas")
    for (const [status, codes] of Object.entries(codesByStatus)) {
      const inDocument = examplesOf(part(schemas, `Error${status}`)).map((example) => part(example)["code"])
      expect(inDocument).toEqual([...(codes as ReadonlyArray<ApiErrorCode>)])
    }
  })
})
