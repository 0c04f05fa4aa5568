import { Either, FastCheck as fc } from "effect"
import Handlebars from "handlebars"
import { describe, expect, it } from "vitest"
import { attempt, render } from "./source.ts"

/** Values of text only: with them, Handlebars' own runtime does what ours promises. */
const word = fc.constantFrom("", "x", "Fixed tissue", "a\nb", "<&>\"'=", "{{a}}", "\\", "}}", "é😀")
const variables = fc.record({
  a: word,
  b: word,
  item: fc.record({ c: word, d: fc.record({ e: word }) }),
  list: fc.uniqueArray(word, { maxLength: 3 }),
  rows: fc.array(fc.record({ c: word, d: fc.record({ e: word }) }), { maxLength: 3 }),
})

interface Where {
  readonly kind: "root" | "text" | "row"
  readonly outer: Where | null
  readonly loops: number
  readonly locals: ReadonlyArray<{ readonly name: string; readonly kind: "text" | "row" }>
}

const root: Where = { kind: "root", outer: null, loops: 0, locals: [] }

const namesOf = (where: Where, up: string): ReadonlyArray<string> => {
  if (where.kind === "root")
    return ["a", "b", "this.a", "item.c", "item.d.e", "item/d/e"].map((name) => up + name)
  return where.kind === "row" ? [`${up}c`, `${up}d.e`] : [up === "" ? "this" : up.slice(0, -1)]
}

const textNames = (where: Where): ReadonlyArray<string> => [
  ...namesOf(where, ""),
  // Handlebars doesn't go a level further in where a value equals the one around it; see below.
  ...(where.outer === null || where.outer.kind === where.kind ? [] : namesOf(where.outer, "../")),
  ...where.locals.map(({ name, kind }) => (kind === "text" ? name : `${name}.c`)),
  "@root.a",
  "@root.item.d.e",
]

const listsOf = (where: Where): ReadonlyArray<readonly [string, "text" | "row"]> => {
  const up = where.kind === "root" ? "" : "@root."
  return [
    [`${up}list`, "text"],
    [`${up}rows`, "row"],
    [`${up}item.d`, "text"],
  ]
}

const literal = fc.constantFrom("text ", "\n", " ", "  \n", "\t", "{ ", " }", "\\ ", "a=1;", "\r\n", "é")
const comment = fc.constantFrom("{{! c }}", "{{!-- {{x}} --}}", "\\{{a}}", "{{~! c ~}}")

const value = (where: Where): fc.Arbitrary<string> => fc.constantFrom(...textNames(where))

/** Only in conditions: printed side by side, Handlebars adds up what isn't text. */
const condition = (where: Where): fc.Arbitrary<string> =>
  fc.constantFrom(...textNames(where), ...(where.loops > 0 ? ["@index", "@key", "@first", "@last"] : []))

const printed = (where: Where): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(["{{", "}}"], ["{{{", "}}}"], ["{{&", "}}"], ["{{~", "}}"], ["{{", "~}}"]),
      value(where),
    )
    .map(([[open = "", close = ""], name]) => `${open}${name}${close}`)

const partialCall = (where: Where): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant("{{> plain}}"),
    value(where).map((name) => `{{> one this v=${name}}}`),
    value(where).map((name) => `\n  {{> one v=${name}}}\n`),
  )

const block = (where: Where, depth: number): fc.Arbitrary<string> => {
  const inner = body(where, depth - 1)
  const conditional = fc
    .tuple(fc.constantFrom("if", "unless"), condition(where), inner, inner, fc.boolean())
    .map(([name, condition, then, otherwise, chained]) =>
      chained
        ? `{{#${name} ${condition}}}${then}{{else if ${condition}}}x{{else}}${otherwise}{{/${name}}}`
        : `{{#${name} ${condition}}}${then}{{else}}${otherwise}{{/${name}}}`,
    )
  const each = fc.constantFrom(...listsOf(where)).chain(([name, kind]) => {
    const within: Where = { kind, outer: where, loops: where.loops + 1, locals: where.locals }
    const local = `v${depth}`
    const locals = [{ name: local, kind }, ...where.locals]
    return fc.oneof(
      fc
        .tuple(body(within, depth - 1), inner)
        .map(([each, none]) => `{{#each ${name}}}${each}{{else}}${none}{{/each}}`),
      body({ ...within, locals }, depth - 1).map(
        (each) => `{{#each ${name} as |${local}|}}\n${each}{{/each}}\n`,
      ),
    )
  })
  const within: Where = { kind: "row", outer: where, loops: where.loops, locals: where.locals }
  const item = where.kind === "root" ? "item" : "@root.item"
  const scoped = body(within, depth - 1).map((text) => `{{#with ${item}}}${text}{{/with}}`)
  return fc.oneof(conditional, each, scoped)
}

const body = (where: Where, depth: number): fc.Arbitrary<string> => {
  const simple = [literal, literal, comment, printed(where), partialCall(where)]
  const parts = depth > 0 ? [...simple, block(where, depth)] : simple
  return fc.array(fc.oneof(...parts), { maxLength: 5 }).map((texts) => texts.join(""))
}

const partials = { plain: "[plain {{@root.b}}]\n  more\n", one: "<{{v}}>\n{{#if v}}yes\n{{/if}}\n" }

const reference = (source: string, context: object): string => {
  const library = Handlebars.create()
  for (const [name, text] of Object.entries(partials)) library.registerPartial(name, text)
  return library.compile(source, { noEscape: true })(context)
}

it("`../` leads out of exactly one block, also where Handlebars would lead out of two", () => {
  const source = "{{#each list}}{{#with this}}{{../this}}{{/with}}{{/each}}"
  expect(render(source, { list: ["x"] })).toBe("x")
  expect(Handlebars.compile(source)({ list: ["x"] })).not.toBe("x")
})

describe("texts are rendered as Handlebars renders them", () => {
  it("for random templates over random texts", () => {
    let long = 0
    fc.assert(
      fc.property(body(root, 3), variables, (source, context) => {
        const expected = Either.try(() => reference(source, context))
        // `{` before `{{` makes another token: both refuse, or both don't.
        if (Either.isLeft(expected)) return
        if (source.includes("{{{{")) return
        if (expected.right.length > 40) long += 1
        expect(attempt(source, context, { partials })).toEqual(Either.right(expected.right))
      }),
      { numRuns: 4000 },
    )
    expect(long).toBeGreaterThan(300)
  })

  it("for texts without expressions: byte for byte", () => {
    fc.assert(
      fc.property(fc.fullUnicodeString(), (text) => {
        const source = text.replaceAll("{{", "{ {")
        expect(render(source)).toBe(source)
      }),
    )
  })

  it("values are inserted as they are, whatever they hold", () => {
    fc.assert(
      fc.property(fc.fullUnicodeString(), fc.fullUnicodeString(), (a, b) => {
        expect(render("<{{a}}{{{b}}}|{{&a}}>\n", { a, b })).toBe(`<${a}${b}|${a}>\n`)
      }),
    )
  })
})
