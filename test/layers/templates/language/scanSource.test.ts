import { Either, FastCheck as fc } from "effect"
import Handlebars from "handlebars"
import { afterEach, describe, expect, it, vi } from "vitest"
import { compile } from "../../../../layers/templates/language/compile.ts"
import { scanSource, sourceLimits } from "../../../../layers/templates/language/scanSource.ts"
import { problems } from "./source.ts"

const counts = (source: string) => Either.getOrUndefined(scanSource(source, "a.hbs"))

interface Node {
  readonly type: string
  readonly body?: ReadonlyArray<Node>
  readonly program?: Node
  readonly inverse?: Node
  readonly params?: ReadonlyArray<Node>
}

/** What the parser made of it: nodes that cost something, and how deep blocks and parentheses go. */
const measure = (node: Node): { readonly expressions: number; readonly depth: number } => {
  const inner = [...(node.body ?? []), ...(node.params ?? [])]
  const blocks = [node.program, node.inverse].filter((part) => part !== undefined)
  const all = [...inner, ...blocks].map(measure)
  const costs = ["MustacheStatement", "BlockStatement", "SubExpression", "PartialStatement"]
  const own =
    costs.includes(node.type) || node.type.startsWith("Decorator") || node.type === "PartialBlockStatement"
  const deeper = ["BlockStatement", "SubExpression", "DecoratorBlock", "PartialBlockStatement"].includes(
    node.type,
  )
  return {
    expressions: all.reduce((sum, { expressions }) => sum + expressions, own ? 1 : 0),
    depth: Math.max(0, ...all.map(({ depth }) => depth)) + (deeper ? 1 : 0),
  }
}

const pieces = [
  "{{a}}",
  "{{#if a}}",
  "{{/if}}",
  "{{else}}",
  "{{else if b}}",
  "{{^}}",
  "{{^if a}}",
  "{{#each a as |x y|}}",
  "{{/each}}",
  "{{{a}}}",
  "{{~a~}}",
  "{{! {{/if}} }}",
  "{{!-- {{#if a}} }} --}}",
  "{{!--}}",
  "{{~!-- --~}}",
  "\\{{#if a}}",
  "\\\\{{a}}",
  "\\\\\\{{a}}",
  "\\",
  "{",
  "}",
  "{{",
  "}}",
  "~",
  "{{b '}}' \"{{/if}}\"}}",
  "{{b [}}{{/if}}] c=(d (e))}}",
  '{{b "\\"}}" }}',
  "{{> p}}",
  "{{#> p}}",
  "{{/p}}",
  '{{#*inline "p"}}',
  "{{/inline}}",
  "{{* d}}",
  "{{&a}}",
  "{{elsewhere}}",
  "{{ else }}",
  "text",
  "\n",
  " ",
  "--",
  "(",
  ")",
  "'",
  '"',
  "[",
  "]",
]

const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(""))

describe("the scan before parsing", () => {
  it("counts no less than the parser makes, for whatever the parser accepts", () => {
    let accepted = 0
    fc.assert(
      fc.property(soup, (source) => {
        if (source.includes("{{{{")) return
        const parsed = Either.try(() => Handlebars.parse(source))
        if (Either.isLeft(parsed)) return
        accepted += 1
        const real = measure(parsed.right as Node)
        const scanned = counts(source)
        expect(scanned).toBeDefined()
        expect(scanned?.expressions).toBeGreaterThanOrEqual(real.expressions)
        expect(scanned?.depth).toBeGreaterThanOrEqual(real.depth)
      }),
      { numRuns: 20_000 },
    )
    expect(accepted).toBeGreaterThan(1000)
  })

  it("counts exactly what there is", () => {
    expect(counts("a {{b}} {{! c }} \\{{d}} {{#if e}}{{f (g h)}}{{else if i}}{{else}}{{/if}}")).toEqual({
      expressions: 5,
      terms: 12,
      depth: 2,
    })
  })
})

describe("sources that would take the parser minutes", () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const nested = (count: number) => `${"{{#if a}}".repeat(count)}${"{{/if}}".repeat(count)}`

  it.each([
    ["340 KB of nested blocks", nested(21_000)],
    ["blocks nested one too deep", nested(sourceLimits.depth + 1)],
    ["blocks hidden behind closing tags in comments", "{{#if a}}{{!-- {{/if}} --}}".repeat(100)],
    ["blocks hidden behind escaped closing tags", "{{#if a}}\\{{/if}} ".repeat(100)],
    ["blocks hidden behind closing tags in texts", "{{#if a}}{{b '{{/if}}'}}".repeat(100)],
    ["a chain of else if", `{{#if a}}${"{{else if a}}".repeat(100)}{{/if}}`],
    ["nested parentheses", `{{lower ${"(lower ".repeat(100)}a${")".repeat(100)}}}`],
    ["200,000 expressions", "{{a}}".repeat(200_000)],
    ["expressions in parentheses", `{{and ${"(not a) ".repeat(30_000)}}}`],
    ["200,000 values of one helper", `{{and ${"a ".repeat(200_000)}}}`],
    ["one endless path", `{{a${".a".repeat(400_000)}}}`],
    ["150,000 comments", "{{!}}".repeat(150_000)],
    ["more than a MiB", "x".repeat(sourceLimits.bytes + 1) + "{{a}}"],
  ])("%s: refused without being parsed", (_, source) => {
    const parser = vi.spyOn(Handlebars, "parse")
    expect(problems(source).map((found) => found.split(" ")[1])).toEqual(["limit_exceeded"])
    expect(parser).not.toHaveBeenCalled()
  })

  it("says what is too much, and where", () => {
    expect(problems(`\n\n${nested(65)}`)).toEqual(["3 limit_exceeded is nested deeper than 64 levels"])
  })

  it("what is just within the limits is parsed", () => {
    const parser = vi.spyOn(Handlebars, "parse")
    expect(problems(nested(sourceLimits.depth))).toEqual([])
    expect(problems("{{a}}".repeat(sourceLimits.expressions))).toEqual([])
    expect(parser).toHaveBeenCalledTimes(2)
  })

  it.each(["[", '"', "'", "(", "{{", "{{!", "{{!--", "{{#if ", "\\{{", "{{a [\\]", "{{else "])(
    "half a mebibyte of %j doesn't make the scan quadratic",
    (piece) => {
      const source = `{{a ${piece.repeat(Math.floor(500_000 / piece.length))}`
      // A quadratic scan would take minutes here and run into the test's time limit.
      expect(Either.isLeft(compile(source, { file: "a.hbs" }))).toBe(true)
    },
  )
})
