import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { stringify } from "yaml"
import { frontMatterProblems, maxParsedLength } from "../../../layers/validator/frontMatterProblems.ts"

const brief = (text: string) =>
  frontMatterProblems(text).map(
    ({ rule, line, keyPath, token }) => `${rule} ${line} ${keyPath ?? "-"} ${token ?? "-"}`,
  )

const withFrontMatter = (yaml: string) => `---\n${yaml}\n---\n# Prose\n`

const placeholder = (line: number, key: string, token: string) =>
  `unresolved_placeholder_token ${line} ${key} ${token}`
const marker = (line: number, key: string, token: string) => `leftover_jinja_marker ${line} ${key} ${token}`
const malformed = (line: number) => `malformed_yaml_front_matter ${line} - -`

describe("front matter", () => {
  it.each([
    ["label: <x>", [placeholder(2, "label", "<x>")]],
    ["a:\n  b:\n    c: use <x> here", [placeholder(4, "a.b.c", "<x>")]],
    ["a:\n  - one\n  - name: <x>", [placeholder(4, "a.1.name", "<x>")]],
    ["<x>: 1", [placeholder(2, "<x>", "<x>")]],
    ["a: {b: [1, <x>]}", [placeholder(2, "a.b.1", "<x>")]],
    ["a: {{x}}", [marker(2, "a", "{{x}}")]],
    ['a: "{{ x }}"\nb: "{% y %}"', [marker(2, "a", "{{ x }}"), marker(3, "b", "{% y %}")]],
    ["a: |\n  one\n  <x>\nb: 1", [placeholder(4, "a", "<x>")]],
    ["a: 1 # fill in <x>", [placeholder(2, "-", "<x>")]],
    ["<x>", [placeholder(2, "-", "<x>")]],
  ])("%j names line and key", (yaml, expected) => {
    expect(brief(withFrontMatter(yaml))).toEqual(expected)
  })

  it.each([
    "# Protocol\n\nUse <your_protocol> and {{braces}}.\n",
    "\n---\nlabel: <x>\n---\n",
    withFrontMatter("label: done") + "<your_protocol> {{x}}",
    withFrontMatter(""),
    withFrontMatter('a: "<2 mM>"\nb: a < b > c'),
    withFrontMatter("just a sentence"),
    withFrontMatter("- a\n- b"),
    withFrontMatter("a: &x {b: 1}\nc: *x\nd: &y [*y]"),
    "",
    "----\nlabel: <x>\n---\n",
  ])("%j is left alone", (text) => {
    expect(brief(text)).toEqual([])
  })

  it.each([
    ["---\nlabel: x\n", [malformed(1)]],
    ["---", [malformed(1)]],
    ["---\nlabel: <x>\n\nProse without end", [malformed(1)]],
    [withFrontMatter("a: 1\nb: [1"), [malformed(4)]],
    [withFrontMatter('a: "x'), [malformed(3)]],
    [withFrontMatter("a: 1\na: 2"), [malformed(3)]],
    [withFrontMatter("\ta: 1"), [malformed(2)]],
    [withFrontMatter("a: 1\nb: *nobody\nc: &nobody 2"), [malformed(3)]],
    [withFrontMatter("a: [<x>"), [malformed(3), placeholder(2, "a.0", "<x>")]],
  ])("%j can't be read", (text, expected) => {
    expect(brief(text)).toEqual(expected)
  })

  it("a byte order mark and CRLF change nothing", () => {
    expect(brief("\ufeff---\r\na: 1\r\nb: <x>\r\n---\r\n<y>")).toEqual([placeholder(3, "b", "<x>")])
  })

  it("one that is too long to be parsed is still scanned, without keys", () => {
    const yaml = `a: [ # ${"x".repeat(maxParsedLength)}\nb: <x>`
    expect(brief(withFrontMatter(yaml))).toEqual([placeholder(3, "-", "<x>")])
  })

  it.each([
    ["[".repeat(maxParsedLength)],
    ["[".repeat(maxParsedLength / 2) + "]".repeat(maxParsedLength / 2)],
    ["{a: ".repeat(maxParsedLength / 4)],
    ["- ".repeat(maxParsedLength / 2)],
  ])("deep nesting ends neither the program nor the search for keys", (yaml) => {
    expect(() => frontMatterProblems(withFrontMatter(yaml))).not.toThrow()
  })

  it("any value that was left out is found, under its key", () => {
    const key = FastCheck.stringMatching(/^[a-z]{1,8}$/)
    const word = FastCheck.stringMatching(/^[a-z"':#\n -]{0,12}$/)
    const level = (value: FastCheck.Arbitrary<unknown>) =>
      FastCheck.dictionary(key, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
    FastCheck.assert(
      FastCheck.property(level(level(FastCheck.tuple(word, FastCheck.boolean(), word))), (tree) => {
        const expected: Array<string> = []
        const data = Object.fromEntries(
          Object.entries(tree as Record<string, Record<string, [string, boolean, string]>>).map(
            ([outer, inner]) => [
              outer,
              Object.fromEntries(
                Object.entries(inner).map(([name, [before, isLeft, after]]) => {
                  if (isLeft) expected.push(`${outer}.${name}`)
                  return [name, isLeft ? `${before}<left_out>${after}` : `${before}${after}`]
                }),
              ),
            ],
          ),
        )
        const yaml = stringify(data, { lineWidth: 0 }).trimEnd()
        expect(frontMatterProblems(withFrontMatter(yaml)).map(({ keyPath }) => keyPath)).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })
})
