import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { helpers } from "../../../../layers/templates/language/helpers/registry.ts"
import type { Json } from "../../../../src/domain/Json.ts"
import { failure, problems, render } from "./source.ts"

const json: fc.Arbitrary<Json> = fc
  .jsonValue()
  .filter((value) => JSON.stringify(value) !== "null") as fc.Arbitrary<Json>
const text = fc.oneof(
  fc.fullUnicodeString(),
  fc.constantFrom(
    "---",
    "a: b",
    "- x",
    "#",
    "yes",
    "no",
    "null",
    "~",
    "01",
    "1e3",
    "0x10",
    "@a",
    "!b",
    "&c",
    "*d",
    "\u0085",
    "\u2028",
    "\ufeff",
    "\u007f",
    " a ",
    "a\r\nb\t",
  ),
)

/** What RFC 4180 makes of one row. */
const readCsv = (row: string): ReadonlyArray<string> => {
  const cells: Array<string> = []
  let rest = row
  for (;;) {
    const match = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/.exec(rest)
    expect(match).not.toBeNull()
    cells.push(match?.[1]?.replaceAll('""', '"') ?? match?.[2] ?? "")
    if (match?.[3] !== ",") return cells
    rest = rest.slice(match[0].length)
  }
}

describe("what programs read", () => {
  it("json reads back as the value", () => {
    fc.assert(
      fc.property(json, (a) => {
        expect(JSON.parse(render("{{json a}}", { a }))).toEqual(JSON.parse(JSON.stringify(a)))
        expect(JSON.parse(render("{{json a 2}}", { a }))).toEqual(JSON.parse(JSON.stringify(a)))
      }),
    )
  })

  it.each(["1.1", "1.2"] as const)("yaml reads back as the value, on one line, in YAML %s", (version) => {
    fc.assert(
      fc.property(fc.oneof(json, text), (a) => {
        const line = render("{{yaml a}}", { a })
        expect(line).not.toMatch(/[\r\n\u0085\u2028\u2029]/)
        expect(parse(`key: ${line} # comment\n`, { version })).toEqual({ key: JSON.parse(JSON.stringify(a)) })
      }),
      { numRuns: 500 },
    )
  })

  it("csv keeps cells apart, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (cells) => {
        const source = cells.map((_, index) => `{{csv c.[${index}]}}`).join(",")
        expect(readCsv(render(source, { c: cells }))).toEqual(cells)
      }),
    )
  })
})

describe("names", () => {
  it("a slug is lower-case words with dashes, and its own slug", () => {
    fc.assert(
      fc.property(text, (a) => {
        const slug = render("{{slug a}}", { a })
        expect(slug).toMatch(/^(?:[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*)?$/u)
        expect(render("{{slug a}}", { a: slug })).toBe(slug)
      }),
    )
  })

  it.each([
    ["{{slug a}}", "Größe in µm", "große-in-μm"],
    ["{{slug a}}", "!!!", ""],
    ["{{slug a}}", "細胞 1", "細胞-1"],
    ["{{snake a}}", "HTTPServer2 Go", "httpserver2_go"],
    ["{{kebab a}}", "", ""],
    ["{{camel a}}", "Pixel-size_um", "pixelSizeUm"],
    ["{{title a}}", "o'brien's mouse-line", "O'brien's Mouse-Line"],
    ["{{capitalize a}}", "😀x", "😀x"],
    ["{{upper a}}", "straße", "STRASSE"],
  ])("%s of %j is %j", (source, a, expected) => {
    expect(render(source, { a })).toBe(expected)
  })
})

describe("comparison", () => {
  it.each<[string, Json, Json, boolean]>([
    ["eq", 5, "5.0", true],
    ["eq", "5", "5.0", false],
    ["eq", true, "true", true],
    ["eq", "", 0, false],
    ["eq", null, "", true],
    ["ne", "a", "b", true],
    ["lt", 9, 10, true],
    ["lt", "9", "10", true],
    ["lt", "a9", "a10", false],
    ["lte", 5, "5.0", true],
    ["gt", "2026-05-01", "2026-04-30", true],
    ["lt", "", 5, false],
    ["gt", 5, "", false],
    ["gte", "", "", false],
  ])("%s of %j and %j is %j", (name, a, b, expected) => {
    expect(render(`{{${name} a b}}`, { a, b })).toBe(String(expected))
  })
})

describe("dates", () => {
  it.each([
    ["2026-01-31", "yyyyMMdd", "20260131"],
    ["2026-01-31T12:05", "HH'h'mm ss", "12h05 00"],
    ["2026-01-31T12:05:09.123+05:00", "yyyy-MM-dd HH:mm:ss", "2026-01-31 08:05:09"],
    ["2026-07-31T12:05:09Z", "HH:mm", "14:05"],
    ["0987-01-01", "yyyy", "0987"],
    ["", "yyyy", ""],
  ])("%j as %j is %j", (a, pattern, expected) => {
    expect(render(`{{formatDate a "${pattern}"}}`, { a })).toBe(expected)
  })

  it.each([
    "soon",
    "2026-02-30",
    "2026-02-30T10:00Z",
    "2026-13-01",
    "2026-01-01T24:00Z",
    "2026-1-1",
    "1767225600",
  ])("%j is no date", (a) => {
    expect(failure("{{formatDate a 'yyyy'}}", { a })).toContain("needs an ISO-8601 date, not ")
  })

  it.each([
    ["yyyy-MM-DD", "D"],
    ["yy", "y"],
    ["h", "h"],
    ["'open", "'"],
  ])("%s is no pattern", (pattern, letter) => {
    expect(failure("{{formatDate a pattern}}", { a: "2026-01-01", pattern })).toContain(
      `not ${letter} in ${pattern}`,
    )
  })
})

describe("helpers say what they can't take", () => {
  it.each([
    ["{{lower a}}", "`lower` needs a single value, not a list or an object"],
    ["{{eq a 'x'}}", "`eq` needs a single value, not a list or an object"],
    ["{{join x}}", "`join` needs a list"],
    ["{{join a b}}", "`join` needs a single value, not a list or an object"],
    ["{{join b}}", "`join` needs a single value, not a list or an object"],
    ["{{json a n}}", "`json` needs an indent from 0 to 8"],
    ["{{padEnd x x}}", "`padEnd` needs a width, a whole number up to 1000"],
  ])("%s", (source, message) => {
    expect(failure(source, { a: ["x"], b: [{}], n: 9, x: "wide" })).toBe(`a.hbs:1 ${message}`)
  })
})

describe("what is written out is checked before anything is rendered", () => {
  it.each([...helpers].map(([name, { takes }]) => [name, takes[0]] as const))(
    "%s takes a blank for its first value: only then is a problem one of the others",
    (name, least) => {
      const others: Readonly<Record<string, string>> = { padStart: " 3", padEnd: " 3" }
      const rest = others[name] ?? " ''".repeat(least - 1)
      expect(problems(`{{${name} a${rest}}}`)).toEqual([])
      expect(problems(`{{${name} ''${rest}}}`)).toEqual([])
    },
  )
})
