import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import type { Field } from "../../src/domain/Field.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { classifyReadme, coreFieldIds, systemFieldIds } from "../../src/domain/ReadmeFieldLayers.ts"

const field = (id: string, rest: Partial<Field> = {}): Field => ({
  id,
  label: `The ${id}`,
  type: "string",
  ...rest,
})

const classify = (
  templateFields: ReadonlyArray<Field>,
  configFields: ReadonlyArray<Field>,
  extra: JsonObject,
) => classifyReadme({ templateFields, configFields, extra })

const issuesOf = (result: ReturnType<typeof classify>) =>
  Either.match(result, { onRight: () => [], onLeft: (issues) => [...issues] })

const fieldsOf = (result: ReturnType<typeof classify>) => issuesOf(result).map((issue) => issue.field)

describe("README field layers", () => {
  it("sends declared ids to their layer and unknown ones to the custom fields, in order", () => {
    const result = classify(
      [field("stain", { required: true }), field("slides", { type: "integer" })],
      [field("room", { required: true }), field("grant", { default: "G-1" })],
      { zeta: "z", room: "B12", slides: 4, alpha: true, stain: "DAPI", weight: 1.5, empty: null },
    )
    expect(result).toEqual(
      Either.right({
        templateFields: { stain: "DAPI", slides: 4 },
        configFields: { room: "B12", grant: "G-1" },
        customFields: [
          { label: "zeta", value: "z" },
          { label: "alpha", value: "true" },
          { label: "weight", value: "1.5" },
          { label: "empty", value: "" },
        ],
        requiredIds: ["stain", "room"],
      }),
    )
  })

  it("reports what the template requires before what the configuration requires, and all of it", () => {
    const result = classify(
      [field("a", { required: true }), field("b", { type: "number" })],
      [field("c", { required: true }), field("d", { type: "choice", options: ["x", "y"] })],
      { b: "four", d: "z", e: ["no"], a: "  " },
    )
    expect(issuesOf(result).map(({ field, code }) => [field, code])).toEqual([
      ["readme_extra.a", "validation_failed"],
      ["readme_extra.b", "validation_failed"],
      ["readme_extra.c", "validation_failed"],
      ["readme_extra.d", "validation_failed"],
      ["readme_extra.e", "validation_failed"],
    ])
  })

  it("leaves out an optional field that nobody filled in", () => {
    expect(classify([field("a"), field("b", { type: "boolean" })], [], { a: "" })).toEqual(
      Either.right({ templateFields: {}, configFields: {}, customFields: [], requiredIds: [] }),
    )
  })

  it("lets nobody declare or set a core or system field", () => {
    for (const id of coreFieldIds) {
      expect(issuesOf(classify([field(id)], [], {}))[0]).toMatchObject({
        field: `readme_extra.${id}`,
        code: "template_core_field_redeclared",
      })
    }
    for (const id of [...coreFieldIds, ...systemFieldIds]) {
      expect(fieldsOf(classify([], [field(id)], {}))).toEqual([`readme_extra.${id}`])
      expect(fieldsOf(classify([], [], { [id]: "mine" }))).toEqual([`readme_extra.${id}`])
      expect(fieldsOf(classify([], [], { [` ${id} `]: "mine" }))).toEqual([`readme_extra. ${id} `])
    }
  })

  it("refuses an id in two layers, twice in one, and a label that looks like a declared id", () => {
    expect(fieldsOf(classify([field("a")], [field("a")], {}))).toEqual(["readme_extra.a"])
    expect(fieldsOf(classify([field("a"), field("a")], [], {}))).toEqual(["readme_extra.a"])
    expect(fieldsOf(classify([field("a")], [], { "a ": "x" }))).toEqual(["readme_extra.a "])
    expect(fieldsOf(classify([], [], { "caf\u00e9": "1", "cafe\u0301": "2" }))).toEqual([
      "readme_extra.cafe\u0301",
    ])
    expect(fieldsOf(classify([], [], { " ": "x" }))).toEqual(["readme_extra. "])
  })

  it("reports a declaration that can't work instead of throwing", () => {
    expect(fieldsOf(classify([field("a", { pattern: "(" })], [], { a: "x" }))).toEqual(["readme_extra.a"])
    expect(fieldsOf(classify([field("a", { type: "integer", default: "x" })], [], {}))).toEqual([
      "readme_extra.a",
    ])
    expect(fieldsOf(classify([field("a", { type: "choice" })], [], { a: "x" }))).toEqual(["readme_extra.a"])
  })

  it("keeps every value of a caller or refuses it, whatever it is called", () => {
    const name = fc.oneof(
      fc.constantFrom("__proto__", "constructor", "toString", "a", "label", "run"),
      fc.string({ unit: "binary", maxLength: 8 }),
    )
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.boolean(), fc.constant(null))
    const declared = [field("__proto__"), field("a", { type: "text" })]
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
        const extra: JsonObject = Object.fromEntries(pairs)
        const result = classify(declared, [], extra)
        const kept = Either.match(result, {
          onLeft: (issues) => issues.length,
          onRight: ({ customFields, templateFields }) => {
            for (const custom of customFields) expect(typeof custom.value).toBe("string")
            return customFields.length + Object.keys(templateFields).length
          },
        })
        const blank = declared.filter(
          ({ id }) =>
            Object.hasOwn(extra, id) && Either.isRight(result) && String(extra[id] ?? "").trim() === "",
        )
        if (Either.isRight(result)) expect(kept + blank.length).toBe(Object.keys(extra).length)
        else expect(kept).toBeGreaterThan(0)
      }),
    )
  })
})
