import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { jsonFault, jsonFaultPlace } from "../../src/domain/jsonFault.ts"

const isJson = (text: string): boolean => Either.isRight(Either.try(() => JSON.parse(text) as unknown))

const pieces = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\",
  "\\u00e",
  "-",
  "1",
  "0",
  ".",
  "e",
  "null",
  "\n",
  "\u0001",
  " ",
]

/** A JSON text in which some of it is gone, or something else stands there. */
const damaged = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.constantFrom("", ...pieces)), { maxLength: 2 }),
  )
  .map(([text, changes]) =>
    changes.reduce((now, [where, length, piece]) => {
      const at = where % (now.length + 1)
      return now.slice(0, at) + piece + now.slice(at + length)
    }, text),
  )

describe("a fault in JSON", () => {
  it.prop("is seen where the engine sees one, and nowhere else", [damaged], ([text]) => {
    expect(jsonFault(text) === null).toBe(isJson(text))
  })

  it("is told by line and column, or as an early end", () => {
    for (const [text, place] of [
      ['{\n  "a": 1,\n  "b" 2\n}', "line 3, column 7"],
      ["no JSON", "line 1, column 1"],
      ['{"a":1}}', "line 1, column 8"],
      ['{"a":"x\ty"}', "line 1, column 8"],
      ['{"a": tru}', "line 1, column 7"],
      ['{"a": 1,}', "line 1, column 9"],
      ['{\n"a": [1', "it ends too early, in line 2"],
      ['"abc', "it ends too early, in line 1"],
    ] as const) {
      expect([text, jsonFaultPlace(text)]).toEqual([text, place])
    }
  })

  it("is looked for in texts of any length", () => {
    expect(jsonFault(`["${"x".repeat(3_000_000)}`)).toBe(3_000_002)
    expect(jsonFault("1".repeat(3_000_000))).toBe(null)
  })
})
