import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Either, FastCheck as fc, ParseResult, Schema, SchemaAST } from "effect"
import * as CreateRequests from "../../src/domain/CreateRequest.ts"
import * as CreationRecords from "../../src/domain/CreationRecord.ts"
import * as EquipmentRecords from "../../src/domain/EquipmentRecord.ts"
import * as Errors from "../../src/domain/Errors.ts"
import * as Findings from "../../src/domain/Finding.ts"
import * as Plugins from "../../src/domain/Plugin.ts"
import * as Sessions from "../../src/domain/Session.ts"
import * as SessionEvents from "../../src/domain/SessionEvent.ts"
import * as Templates from "../../src/domain/Template.ts"
import { Json, JsonObject } from "../../src/domain/Json.ts"
import { toSnake, wireStruct } from "../../src/domain/wire.ts"

const modules = {
  CreateRequests,
  CreationRecords,
  EquipmentRecords,
  Errors,
  Findings,
  Plugins,
  Sessions,
  SessionEvents,
  Templates,
}

type Wire = Schema.Schema<object, object>

const isWire = (value: unknown): value is Wire =>
  Schema.isSchema(value) && SchemaAST.isTransformation(value.ast) && SchemaAST.isTypeLiteral(value.ast.to)

/** Every struct of the domain that is spelled otherwise on the wire. */
const schemas = Object.entries(modules).flatMap(([module, exported]) =>
  Object.entries(exported).flatMap(([name, value]) =>
    isWire(value) ? [[`${module}.${name}`, value] as const] : [],
  ),
)

const fieldsOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  SchemaAST.getPropertySignatures(ast).map(({ name }) => String(name))

const sorted = (names: ReadonlyArray<string>) => names.toSorted()

/** What JSON makes of a value: it has no negative zero. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe.each(schemas)("%s", (_, schema) => {
  const camel = fieldsOf(Schema.typeSchema(schema).ast)
  const wire = fieldsOf(Schema.encodedSchema(schema).ast)

  it("has fields that are camelCase here, snake_case on the wire, and told apart in both", () => {
    expect(camel.length).toBeGreaterThan(1)
    expect(camel.filter((name) => !/^[a-z][A-Za-z0-9]*$/.test(name))).toEqual([])
    expect(sorted(wire)).toEqual(sorted(camel.map(toSnake)))
    expect(
      wire.map((name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())),
    ).toEqual(camel)
  })

  it.prop(
    "comes back from the wire as it was sent",
    [Arbitrary.make(Schema.typeSchema(schema))],
    ([value]) => {
      const sent = Schema.encodeSync(schema)(value)
      expect(sorted(Object.keys(sent))).toEqual(sorted(Object.keys(value).map(toSnake)))
      const received = Schema.decodeUnknownSync(schema)(throughJson(sent))
      expect(throughJson(received)).toEqual(throughJson(value))
    },
    { fastCheck: { numRuns: 30 } },
  )

  it("names what is wrong by its wire path", () => {
    const decoded = Schema.decodeUnknownEither(schema, { errors: "all" })({})
    const required = SchemaAST.getPropertySignatures(Schema.encodedSchema(schema).ast)
      .filter(({ isOptional }) => !isOptional)
      .map(({ name }) => String(name))
    const paths = Either.match(decoded, {
      onRight: () => [],
      onLeft: (error) => ParseResult.ArrayFormatter.formatErrorSync(error).map(({ path }) => path.join(".")),
    })
    expect(sorted(paths)).toEqual(sorted(required))
  })
})

describe("a struct on the wire", () => {
  const Inner = wireStruct({ shortId: Schema.String })
  const Outer = wireStruct({
    limsProject: Inner,
    readmeExtra: JsonObject,
    sha256Rendered: Schema.NullOr(Schema.String),
    runDate: Schema.optionalWith(Schema.String, { exact: true }),
    maxFiles: Schema.optionalWith(Schema.Int, { default: () => 7 }),
  })

  it("renames its own fields, of every kind, and nothing that a user chose", () => {
    const sent = {
      lims_project: { short_id: "P" },
      readme_extra: { sampleType: 1, sample_type: { innerKey: 2 } },
      sha256_rendered: null,
    }
    const received = Schema.decodeUnknownSync(Outer)(sent)
    expect(received).toEqual({
      limsProject: { shortId: "P" },
      readmeExtra: { sampleType: 1, sample_type: { innerKey: 2 } },
      sha256Rendered: null,
      maxFiles: 7,
    })
    expect(Schema.encodeSync(Outer)(received)).toEqual({ ...sent, max_files: 7 })
  })

  it.prop(
    "leaves a user's keys alone, whatever they are called",
    [
      fc.dictionary(
        fc.oneof(
          fc.string(),
          fc.constantFrom("sampleType", "sample_type", "__proto__", "constructor", "shortId"),
        ),
        Arbitrary.make(Json),
      ),
    ],
    ([extra]) => {
      const value = { limsProject: { shortId: "P" }, readmeExtra: extra, sha256Rendered: "", maxFiles: 1 }
      const sent = Schema.encodeSync(Outer)(value)
      expect(Object.entries(sent.readme_extra)).toEqual(Object.entries(extra))
      expect(Object.entries(Schema.decodeUnknownSync(Outer)(sent).readmeExtra)).toEqual(Object.entries(extra))
    },
  )

  it("reads no other spelling", () => {
    const camel = { limsProject: { shortId: "P" }, readmeExtra: {}, sha256Rendered: null }
    expect(Either.isLeft(Schema.decodeUnknownEither(Outer)(camel))).toBe(true)
  })

  it("names a nested mistake by its wire path", () => {
    const decoded = Schema.decodeUnknownEither(Outer, { errors: "all" })({
      lims_project: { short_id: 5 },
      readme_extra: {},
      sha256_rendered: 1,
      run_date: null,
    })
    const paths = Either.match(decoded, {
      onRight: () => [],
      onLeft: (error) => ParseResult.ArrayFormatter.formatErrorSync(error).map(({ path }) => path.join(".")),
    })
    expect(new Set(paths)).toEqual(new Set(["lims_project.short_id", "sha256_rendered", "run_date"]))
  })
})
