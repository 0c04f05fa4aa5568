import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc, Schema } from "effect"
import {
  isJson,
  type Json,
  JsonObject,
  type JsonObject as JsonObjectType,
  jsonProblems,
  maxDepth,
  maxJsonProblems,
  textProblem,
} from "../../src/domain/Json.ts"

const text = fc
  .string({
    unit: fc.oneof(fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }), fc.constantFrom("😀", "\n")),
  })
  .map((value) => value.replaceAll("\u0000", "0"))
const key = fc.oneof(text, fc.constantFrom("__proto__", "constructor", "toString", "a.b", "0", ""))

const { json } = fc.letrec<{ json: Json; list: ReadonlyArray<Json>; object: JsonObjectType }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    text,
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("json"), { maxLength: 5 }),
  object: fc.array(fc.tuple(key, tie("json")), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
}))

/** What no JSON text says, with the word by which its problem is known. */
const strangers = fc.constantFrom<readonly [unknown, string]>(
  [undefined, "undefined"],
  [Number.NaN, "finite"],
  [Number.NEGATIVE_INFINITY, "finite"],
  [1n, "bigint"],
  [Symbol("s"), "read"],
  [() => 1, "function"],
  [new Map(), "class"],
  [new Date(0), "class"],
  [
    new (class Point {
      x = 1
    })(),
    "class",
  ],
  [new (class List extends Array {})(), "class"],
  [Object.create({ inherited: 1 }), "class"],
  [new Uint8Array(2), "class"],
  ["a\u0000", "NUL"],
  ["\ud83d", "surrogate"],
  ["\ude00😀", "surrogate"],
  [{ "\u0000": 1 }, "key"],
  [{ "a\udc00": 1 }, "key"],
)

const wrapIn = (inner: unknown, steps: ReadonlyArray<string | number>): unknown =>
  steps.reduceRight<unknown>(
    (value, step) =>
      typeof step === "number"
        ? [...Array.from({ length: step }, () => 0), value]
        : Object.fromEntries([
            ["before", 1],
            [step, value],
          ]),
    inner,
  )

const nested = (levels: number, leaf: unknown = 0): unknown =>
  wrapIn(
    leaf,
    Array.from({ length: levels }, () => 0),
  )

const reasons = (value: unknown) => jsonProblems(value, "v").map(({ reason }) => reason)

describe("a JSON value", () => {
  it.prop("is whatever JSON gives back as it was", [json], ([value]) => {
    expect(jsonProblems(value, "v")).toEqual([])
    expect(isJson(value)).toBe(true)
    expect(isJson(JSON.parse(JSON.stringify(value)))).toBe(true)
  })

  it.prop(
    "is refused for what is wrong in it, wherever that is, by its path",
    [strangers, fc.array(fc.oneof(fc.nat({ max: 3 }), key), { maxLength: 8 })],
    ([[stranger, word], steps]) => {
      const problems = jsonProblems(wrapIn(stranger, steps), "v")
      expect(problems).toEqual([{ path: ["v", ...steps].join("."), reason: expect.stringContaining(word) }])
    },
  )

  it("has every problem reported, in its order", () => {
    expect(
      jsonProblems({ a: undefined, b: [1, Number.NaN, { c: "\u0000" }], "\ud800": 1, d: 1n }, "v"),
    ).toEqual([
      { path: "v.a", reason: "is undefined: leave it out, or say null" },
      { path: "v.b.1", reason: "is not a finite number" },
      { path: "v.b.2.c", reason: "contains a NUL character" },
      { path: "v", reason: "has a key that contains half of a surrogate pair" },
      { path: "v.d", reason: "is a bigint, not a JSON value" },
    ])
    expect(
      jsonProblems(
        Array.from({ length: 1000 }, () => undefined),
        "v",
      ).length,
    ).toBe(maxJsonProblems)
  })

  it("keeps keys that objects have by themselves", () => {
    const value: unknown = JSON.parse('{"__proto__": {"x": "\\u0000"}, "constructor": "\\u0000"}')
    expect(jsonProblems(value, "v").map(({ path }) => path)).toEqual(["v.__proto__.x", "v.constructor"])
  })

  it(`is at most ${maxDepth} levels deep`, () => {
    expect(reasons(nested(maxDepth))).toEqual([])
    expect(reasons(nested(maxDepth, []))).toEqual([`is nested deeper than ${maxDepth} levels`])
    expect(reasons(nested(maxDepth, {}))).toEqual([`is nested deeper than ${maxDepth} levels`])
    expect(reasons(nested(100_000))).toEqual([`is nested deeper than ${maxDepth} levels`])
  })

  it("is a tree: what holds itself comes to an end", () => {
    const loop: Array<unknown> = []
    loop.push(loop)
    expect(reasons(loop)).toEqual([`is nested deeper than ${maxDepth} levels`])
    const twice: Record<string, unknown> = {}
    Object.assign(twice, { a: twice, b: twice })
    expect(reasons(twice).length).toBe(maxJsonProblems)
  })

  it("has a size: what is shared counts everywhere", () => {
    let shared: unknown = 1
    for (let level = 0; level < maxDepth; level += 1) shared = [shared, shared]
    expect(reasons(shared)).toEqual(["holds more than 1000000 values"])
    const limits = { values: 10, characters: 6 }
    expect(jsonProblems([1, 2, 3, 4, 5, 6, 7, 8, 9], "v", limits)).toEqual([])
    expect(jsonProblems([1, 2, 3, 4, 5, 6, 7, 8, [9]], "v", limits)).toEqual([
      { path: "v", reason: "holds more than 10 values" },
    ])
    expect(jsonProblems({ ab: ["cd"], ef: 1 }, "v", limits)).toEqual([])
    expect(jsonProblems({ ab: ["cd"], efg: 1 }, "v", limits)).toEqual([
      { path: "v", reason: "holds more than 6 characters" },
    ])
  })

  it("has no gaps in its lists, however long they say they are", () => {
    const gap = [1, 2, 3]
    delete gap[1]
    expect(jsonProblems(gap, "v").map(({ path }) => path)).toEqual(["v.1"])
    const endless: Array<unknown> = []
    endless.length = 4_294_967_295
    expect(reasons(endless)).toEqual(["holds more than 1000000 values"])
  })
})

describe("a JSON object", () => {
  it("is neither null nor a list", () => {
    const is = Schema.is(JsonObject)
    expect([null, [], "", 1, true, undefined, new Map(), { a: undefined }].filter(is)).toEqual([])
    expect(is({})).toBe(true)
    expect(is(Object.create(null))).toBe(true)
  })
})

describe("text", () => {
  it.prop(
    "survives UTF-8 exactly when it has no problem, NUL aside",
    [fc.string({ unit: "binary" }), fc.string()],
    ([a, b]) => {
      const halves = [...a].flatMap((char) => char.split(""))
      for (const value of [a, b, halves.join(""), halves.toReversed().join("")]) {
        const survives =
          new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(value)) === value
        expect(textProblem(value) === null).toBe(survives && !value.includes("\u0000"))
      }
    },
  )
})
