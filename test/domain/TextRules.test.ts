import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { maxMarkerLength, maxProblemsPerRule, textProblems } from "../../src/domain/TextRules.ts"
import { countReads } from "../support/countReads.ts"

const brief = (text: string) => textProblems(text).map(({ rule, token, line }) => `${rule} ${line} ${token}`)

const placeholder = (line: number, token: string) => `unresolved_placeholder_token ${line} ${token}`
const marker = (line: number, token: string) => `leftover_jinja_marker ${line} ${token}`

describe("placeholders", () => {
  it.each([
    ["<sample>", [placeholder(1, "<sample>")]],
    ["<_>", [placeholder(1, "<_>")]],
    ["<A1_b>", [placeholder(1, "<A1_b>")]],
    ["a\nb <x> c\r\n<y>\n", [placeholder(2, "<x>"), placeholder(3, "<y>")]],
    ["<<x>>", [placeholder(1, "<x>")]],
    ["<a<b>", [placeholder(1, "<b>")]],
    ["<x><x>", [placeholder(1, "<x>"), placeholder(1, "<x>")]],
    ["ß😀<x>", [placeholder(1, "<x>")]],
  ])("%j is found", (text, expected) => {
    expect(brief(text)).toEqual(expected)
  })

  it.each([
    "<2 mM>",
    "a < b > c",
    "a<b and c>d",
    "<>",
    "< x>",
    "<x >",
    "<x-y>",
    "<1x>",
    "<x",
    "x>",
    "<naïve>",
    "<x.y@z>",
    "<http://x>",
    "</p>",
    "<x\n>",
    "",
  ])("%j is left alone", (text) => {
    expect(textProblems(text)).toEqual([])
  })
})

describe("template markers", () => {
  it.each([
    ["{{x}}", [marker(1, "{{x}}")]],
    ["{{}}", [marker(1, "{{}}")]],
    ["{% if x %}y{% endif %}", [marker(1, "{% if x %}"), marker(1, "{% endif %}")]],
    ["\n\n{{ a\n b }}", [marker(3, "{{ a\n b }}")]],
    ["{{ {{x}} }}", [marker(1, "{{ {{x}}")]],
    ["{{{raw}}}", [marker(1, "{{{raw}}")]],
    ["{%{{x}}%}", [marker(1, "{%{{x}}%}")]],
    ["{{{%x%}}}", [marker(1, "{{{%x%}}")]],
    ["{% {{x}}", [marker(1, "{{x}}")]],
    ["{{x}} {%y%} {{z}}", [marker(1, "{{x}}"), marker(1, "{%y%}"), marker(1, "{{z}}")]],
    [`{{${"x".repeat(maxMarkerLength)}}}`, [marker(1, `{{${"x".repeat(198)}…`)]],
    [`{{ ${"-".repeat(2 * maxMarkerLength)} {{x}}`, [marker(1, "{{x}}")]],
  ])("%j is found", (text, expected) => {
    expect(brief(text)).toEqual(expected)
  })

  it.each([
    "{ {x} }",
    "{x}",
    "}} {{",
    "{{x}",
    "{{x} }",
    "{%}",
    "{% x }",
    "100 %} of {",
    '{"a":{"b":{"c":1}}}',
    `{{${"x".repeat(maxMarkerLength + 1)}}}`,
  ])("%j is left alone", (text) => {
    expect(textProblems(text)).toEqual([])
  })
})

describe("any text", () => {
  const fragment = FastCheck.constantFrom(
    "<",
    ">",
    "{",
    "}",
    "%",
    "{{",
    "}}",
    "{%",
    "%}",
    "x",
    "_9",
    " ",
    "\n",
    "é",
  )
  const text = FastCheck.array(fragment, { maxLength: 60 }).map((parts) => parts.join(""))

  /** Slow and plain: every opening in turn, the closing that comes next. */
  const model = (input: string) => {
    const found: Array<string> = []
    const lineOf = (at: number) => input.slice(0, at).split("\n").length
    for (const match of input.matchAll(/<[A-Za-z_][A-Za-z0-9_]*>/g)) {
      found.push(placeholder(lineOf(match.index), match[0]))
    }
    for (const match of input.matchAll(/\{\{[^]*?\}\}|\{%[^]*?%\}/g)) {
      found.push(marker(lineOf(match.index), match[0]))
    }
    return found
  }

  it("gives what a plain regular expression gives", () => {
    FastCheck.assert(
      FastCheck.property(text, (input) => {
        expect(brief(input)).toEqual(model(input))
      }),
      { numRuns: 2000 },
    )
  })

  it("says at which unit a token begins", () => {
    FastCheck.assert(
      FastCheck.property(text, (input) => {
        for (const { offset, token } of textProblems(input)) {
          expect(input.slice(offset, offset + token.length)).toBe(token)
        }
      }),
    )
  })

  it(`lists ${maxProblemsPerRule} of a rule, and says when there are more`, () => {
    const exactly = textProblems("<x>\n".repeat(maxProblemsPerRule))
    expect(exactly.length).toBe(maxProblemsPerRule)
    expect(exactly.at(-1)?.detail).toBe("still holds the placeholder <x>")
    const more = textProblems("<x>\n".repeat(maxProblemsPerRule + 1) + "{{y}}")
    expect(more.length).toBe(maxProblemsPerRule + 1)
    expect(more.at(-2)?.detail).toBe("still holds the placeholder <x>; there are more of them")
    expect(more.at(-1)?.token).toBe("{{y}}")
  })

  it("doesn't cut a character in half when it shortens a token", () => {
    const [problem] = textProblems(`{{${"x".repeat(197)}${"😀".repeat(20)}}}`)
    expect(problem?.token).toBe(`{{${"x".repeat(197)}…`)
  })
})

describe("work", () => {
  const hostile = {
    "{{{{{": "{",
    "<<<<<": "<",
    "{%{%": "{%",
    "{{ {% {{ {%": "{{ {% ",
    "{{%": "{{%",
    "a long identifier": "a",
    "<aaaa<aaaa": "<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "<a>": "<a>",
    "}}}}": "}",
    "%}}": "%}}",
    lines: "\n",
    "lines of openings": "{{\n",
    "far apart": `{{${" ".repeat(maxMarkerLength + 10)}}}`,
  }

  it.each(Object.entries(hostile))("grows with the length and not faster: %s", (_, unit) => {
    const readsFor = (length: number) => {
      const text = `<${unit.repeat(Math.ceil(length / unit.length))}`
      return countReads(() => textProblems(text)) / text.length
    }
    const small = readsFor(4_000)
    const large = readsFor(256_000)
    expect(small).toBeLessThan(12)
    expect(large).toBeLessThan(12)
  })

  it("the counter sees work that grows faster", () => {
    const quadratic = (text: string) => {
      for (let at = 0; at < text.length; at++) text.indexOf("}}", at)
    }
    expect(countReads(() => quadratic("{".repeat(1000)))).toBeGreaterThan(400_000)
  })
})
