import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import {
  checkAnswers,
  type Field,
  FieldType,
  fieldProblem,
  isBlank,
  typed,
  valueProblem,
} from "../../src/domain/Field.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"

const types = FieldType.literals
const options = ["Fixed tissue", "Live cell", "", "constructor"]

const specOf = (type: FieldType) => (type === "choice" ? { type, options } : { type })

const day = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
const dateText = day.map((date) => date.toISOString().slice(0, 10))
const looksLikeDate = fc
  .tuple(fc.nat({ max: 9999 }), fc.nat({ max: 14 }), fc.nat({ max: 33 }))
  .map(([year, month, date]) =>
    [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(date).padStart(2, "0")].join("-"),
  )

const anything: fc.Arbitrary<Json> = fc.oneof(
  fc.jsonValue().map((value) => value as Json),
  fc.string({ unit: "binary" }),
  dateText,
  looksLikeDate,
  fc.constantFrom<Json>(
    "",
    " ",
    "a\nb",
    "2026-02-29",
    "2024-02-29",
    "1900-02-29",
    0,
    -0,
    1.5,
    2 ** 53,
    "1",
    "true",
    ...options,
  ),
)

/** The calendar that the platform has, to compare with. */
const isRealDate = (text: string): boolean => {
  const date = new Date(`${text}T00:00:00Z`)
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
  )
}

const survives = (text: string): boolean =>
  !text.includes("\u0000") &&
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text)) === text

const fits: Record<FieldType, (value: Json) => boolean> = {
  string: (value) => typeof value === "string" && survives(value) && !/[\r\n]/.test(value),
  text: (value) => typeof value === "string" && survives(value),
  number: (value) => typeof value === "number",
  integer: (value) => typeof value === "number" && Math.trunc(value) === value && Math.abs(value) < 2 ** 53,
  boolean: (value) => value === true || value === false,
  date: (value) => typeof value === "string" && isRealDate(value),
  choice: (value) => options.some((option) => option === value),
}

describe("a value", () => {
  it.prop("fits its type or there is a reason, for every type and every value", [anything], ([value]) => {
    for (const type of types) {
      const problem = valueProblem(specOf(type), value)
      expect([type, problem === null]).toEqual([type, fits[type](value)])
    }
  })

  it.prop("that is a day of the calendar is a date", [dateText, looksLikeDate], ([real, maybe]) => {
    expect(valueProblem({ type: "date" }, real)).toBe(null)
    expect(valueProblem({ type: "date" }, maybe) === null).toBe(isRealDate(maybe))
  })

  it("names what is wrong, and the choices that there are", () => {
    const problems = types.map((type) => [type, valueProblem(specOf(type), { a: 1 })])
    expect(Object.fromEntries(problems)).toEqual({
      string: "must be a string",
      text: "must be a string",
      number: "must be a number",
      integer: "must be a whole number",
      boolean: "must be true or false",
      date: "must be a date, YYYY-MM-DD",
      choice: "must be one of: Fixed tissue, Live cell, , constructor",
    })
    expect(valueProblem({ type: "choice" }, "toString")).toBe("must be one of: ")
    expect(valueProblem({ type: "string" }, "a\r")).toBe("must be a single line")
    expect(valueProblem({ type: "text" }, "a\r\nb")).toBe(null)
    expect(valueProblem({ type: "number" }, Number.NaN)).toBe("must be a number")
  })

  it("may have to match a pattern, over code points", () => {
    const slide = { type: "string", pattern: "^S-\\d+$" } as const
    expect(valueProblem(slide, "S-12")).toBe(null)
    expect(valueProblem(slide, "S-12b")).toBe("must match ^S-\\d+$")
    expect(valueProblem({ type: "text", pattern: "^.$" }, "😀")).toBe(null)
  })

  it("whose pattern is no regular expression is refused, and nothing breaks", () => {
    expect(valueProblem({ type: "string", pattern: "(" }, "a")).toContain("not a regular expression")
  })

  it("is bounded, more so where a pattern looks at it", () => {
    expect(valueProblem({ type: "text" }, "a".repeat(100_000))).toBe(null)
    expect(valueProblem({ type: "text" }, "a".repeat(100_001))).toBe("is longer than 100000 characters")
    expect(valueProblem({ type: "text", pattern: "^(a+)+$" }, `${"a".repeat(1000)}!`)).toContain("1000")
  })
})

describe("a field", () => {
  const sound: ReadonlyArray<Parameters<typeof fieldProblem>[0]> = [
    { type: "string" },
    { type: "text", pattern: "a|b" },
    { type: "choice", options: ["a"] },
  ]
  const unsound: ReadonlyArray<readonly [Parameters<typeof fieldProblem>[0], string]> = [
    [{ type: "choice" }, "needs options"],
    [{ type: "choice", options: [] }, "needs options"],
    [{ type: "choice", options: ["a", "b", "a"] }, "twice"],
    [{ type: "string", options: ["a"] }, "belong to a choice"],
    [{ type: "integer", pattern: "1" }, "doesn't apply"],
    [{ type: "choice", options: ["a"], pattern: "a" }, "doesn't apply"],
    [{ type: "string", pattern: "[" }, "not a regular expression"],
    // Allowed without Unicode mode only.
    [{ type: "string", pattern: "\\-" }, "not a regular expression"],
  ]

  it("is sound, or says what isn't", () => {
    expect(sound.map(fieldProblem)).toEqual(sound.map(() => null))
    for (const [field, reason] of unsound) expect(fieldProblem(field)).toContain(reason)
  })

  it.prop("counts as blank without a value, never for false or 0", [anything], ([value]) => {
    const blank = value === null || (typeof value === "string" && value.trim() === "")
    expect(isBlank(value)).toBe(blank)
    expect(isBlank(undefined)).toBe(true)
  })
})

const ids = fc.constantFrom("slide", "note", "__proto__", "constructor", "a", "b", "c")
const fieldArbitrary: fc.Arbitrary<Field> = fc
  .record({
    id: ids,
    label: fc.constant("Label"),
    type: fc.constantFrom(...types),
    required: fc.boolean(),
    hasDefault: fc.boolean(),
    fallback: anything,
  })
  .map(({ type, hasDefault, fallback, ...rest }) => ({
    ...rest,
    ...specOf(type),
    ...(hasDefault ? { default: fallback } : {}),
  }))
const fieldsArbitrary = fc.uniqueArray(fieldArbitrary, { selector: ({ id }) => id, maxLength: 6 })

/** Values that fit often enough to get through. */
const likely = fc.oneof(anything, fc.constantFrom<Json>(3, "x", true, "2026-01-31", "Live cell", null))
const answersArbitrary: fc.Arbitrary<JsonObject> = fc
  .array(fc.tuple(ids, likely), { maxLength: 5 })
  .map((pairs) => Object.fromEntries(pairs))

const ownValue = (object: JsonObject, id: string): Json | undefined =>
  Object.getOwnPropertyDescriptor(object, id)?.value as Json | undefined

describe("answers", () => {
  it.prop(
    "come back checked and in the order of the fields, or every problem does",
    [fieldsArbitrary, answersArbitrary],
    ([fields, answers]) => {
      const expected = fields.map((field) => {
        const given = ownValue(answers, field.id)
        const value = isBlank(given) ? field.default : given
        const right = isBlank(value) ? field.required !== true : fits[field.type](value)
        return { id: field.id, value, right }
      })
      const strangers = Object.keys(answers).filter((id) => !fields.some((field) => field.id === id))
      const wrong = [...strangers, ...expected.filter(({ right }) => !right).map(({ id }) => id)]
      const result = checkAnswers(fields, answers, "extra_inputs")
      if (Either.isLeft(result)) {
        expect(result.left.map(({ field }) => field)).toEqual(wrong.map((id) => `extra_inputs.${id}`))
        expect(new Set(result.left.map(({ code }) => code))).toEqual(new Set(["input_invalid"]))
      } else {
        expect(wrong).toEqual([])
        const filled = expected.filter(({ value }) => !isBlank(value))
        expect(Object.keys(result.right).toSorted()).toEqual(filled.map(({ id }) => id).toSorted())
        for (const { id, value } of filled) expect(ownValue(result.right, id)).toEqual(value)
      }
    },
    { fastCheck: { numRuns: 1000 } },
  )

  const slide: Field = { id: "slide", label: "Slide", type: "integer", required: true }
  const note: Field = { id: "note", label: "Note", type: "text", default: "none" }

  it("are told what is missing, wrong and unknown, all at once", () => {
    const result = checkAnswers([slide, note], { slyde: 4, note: 5 }, "extra_inputs")
    expect(Either.flip(result)).toEqual(
      Either.right([
        {
          field: "extra_inputs.slyde",
          code: "input_invalid",
          message: "is not asked for; the fields are: slide, note",
        },
        { field: "extra_inputs.slide", code: "input_invalid", message: "Slide is required" },
        { field: "extra_inputs.note", code: "input_invalid", message: "must be a string" },
      ]),
    )
  })

  it("take their default when they are blank", () => {
    for (const blank of [null, "", " \n"]) {
      expect(checkAnswers([slide, note], { slide: 0, note: blank }, "x")).toEqual(
        Either.right({ slide: 0, note: "none" }),
      )
    }
  })

  it("of callers without types are refused when they aren't an object", () => {
    const untyped = checkAnswers as (
      fields: ReadonlyArray<Field>,
      answers: unknown,
      prefix: string,
    ) => ReturnType<typeof checkAnswers>
    for (const answers of [null, undefined, 5, "slide", [1], () => 1]) {
      expect(untyped([note], answers, "extra_inputs")).toMatchObject({ left: [{ field: "extra_inputs" }] })
    }
    expect(untyped([slide], { slide: 1n }, "x")).toMatchObject({ left: [{ field: "x.slide" }] })
    expect(untyped([note], { note: () => 1 }, "x")).toMatchObject({ left: [{ field: "x.note" }] })
  })
})

describe("what somebody typed", () => {
  it("becomes what the field wants, and stays a text where it isn't that", () => {
    const cases = [
      ["number", "1.5", 1.5],
      ["integer", "7", 7],
      ["number", "much", "much"],
      ["integer", " ", " "],
      ["boolean", "Yes", true],
      ["boolean", "false", false],
      ["boolean", "perhaps", "perhaps"],
      ["string", "0042", "0042"],
      ["choice", "x", "x"],
    ] as const
    for (const [type, text, value] of cases) expect(typed({ type }, text)).toBe(value)
  })

  it("is what the service shows, for every number and either truth", () => {
    const shown = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.boolean())
    fc.assert(
      fc.property(shown, (value) => {
        const type = typeof value === "boolean" ? "boolean" : "number"
        expect(typed({ type }, String(value))).toEqual(Object.is(value, -0) ? 0 : value)
      }),
    )
  })
})
