import { describe, expect, it } from "vitest"
import { failure, render } from "./source.ts"

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe("partials", () => {
  it("see the variables, a value, and what they are given by name", () => {
    const partials = { p: "{{x}}-{{y}}" }
    expect(render("{{> p}}", { x: 1, y: 2 }, { partials })).toBe("1-2")
    expect(render("{{> p a}}", { a: { x: 1, y: 2 } }, { partials })).toBe("1-2")
    expect(render("{{> p y=x}}", { x: 1 }, { partials })).toBe("1-1")
    expect(render("{{> p a y='z'}}", { a: { x: 1, y: 2 } }, { partials })).toBe("1-z")
    expect(
      render("{{#each l}}{{> p y=@index}};{{/each}}", { l: [{ x: "a" }, { x: "b" }] }, { partials }),
    ).toBe("a-0;b-1;")
  })

  it("indent what they print when they stand alone on a line", () => {
    expect(render("a:\n  {{> p}}\nb", {}, { partials: { p: "x\ny\n" } })).toBe("a:\n  x\n  y\nb")
  })

  it("may stand in folders and have any name that a file has", () => {
    expect(
      render("{{> sub/p}}{{> 'a b'}}{{> c.d}}", {}, { partials: { "sub/p": "x", "a b": "y", "c.d": "z" } }),
    ).toBe("xyz")
  })

  it("failures name the partial's own file and line", () => {
    expect(failure("{{> p a}}", { a: {} }, { partials: { p: "\n{{x}}" } })).toBe(
      "_partials/p.hbs:2 `x` is missing: there is no `x`",
    )
  })
})

describe("an evaluation is bounded", () => {
  it("in what it prints, while it prints", () => {
    expect(failure("{{a}}{{a}}", { a: "x".repeat(60) }, { maxLength: 100 })).toBe(
      "a.hbs:1 the output grows beyond the limit of 100 bytes",
    )
    expect(render("{{a}}{{a}}", { a: "x".repeat(50) }, { maxLength: 100 })).toHaveLength(100)
    expect(failure("x".repeat(101), {}, { maxLength: 100 })).toContain("limit of 100 bytes")
  })

  it("also where only fixed text is repeated", () => {
    const source = `{{#each l}}{{#each @root.l}}{{#each @root.l}}${"x".repeat(1000)}{{/each}}{{/each}}{{/each}}`
    expect(failure(source, { l: numbers(1000) }, { maxLength: 1_000_000 })).toContain(
      "limit of 1000000 bytes",
    )
  })

  it("also where partials indent", () => {
    const partials = { p: `${"x\n".repeat(100)}` }
    expect(failure(`${" ".repeat(50)}{{> p}}\n`, {}, { partials, maxLength: 1000 })).toContain(
      "limit of 1000 bytes",
    )
    expect(render(`  {{> p}}\n`, {}, { partials, maxLength: 400 })).toHaveLength(400)
  })

  it("in its steps, where nothing is printed", () => {
    const source =
      "{{#each l}}{{#each @root.l}}{{#each @root.l}}{{#if @root.no}}x{{/if}}{{/each}}{{/each}}{{/each}}"
    expect(failure(source, { l: numbers(1000), no: false })).toBe("a.hbs:1 takes too many steps to render")
  })

  it("in what helpers chew on", () => {
    const source = "{{#each l}}{{#if (eq (lower @root.big) 'x')}}y{{/if}}{{/each}}"
    expect(failure(source, { l: numbers(10_000), big: "X".repeat(1_000_000) })).toContain("too many steps")
  })

  it("in lists that are joined to nothing", () => {
    const source = "{{#each l}}{{join @root.big ''}}{{/each}}"
    expect(failure(source, { l: numbers(10_000), big: Array.from({ length: 100_000 }, () => "") })).toContain(
      "too many steps",
    )
  })

  it("in the length of a value", () => {
    const source = "{{lower (json (json (json (json (json (json (json (json a))))))))}}"
    expect(failure(source, { a: "\\".repeat(100_000) })).toContain("makes too long a text")
    expect(failure("{{join l (join l (join l 'x'))}}", { l: numbers(1000) })).toContain(
      "makes too long a text",
    )
    expect(failure("{{padStart a n}}", { a: "x", n: 1_000_000_000 })).toBe(
      "a.hbs:1 `padStart` needs a width, a whole number up to 1000",
    )
  })

  it("in partials that call themselves", () => {
    expect(failure("{{> p}}", {}, { partials: { p: "x{{> p}}" } })).toBe(
      "_partials/p.hbs:1 blocks and partials are nested deeper than 200 levels",
    )
    expect(failure("{{> p}}", {}, { partials: { p: "{{> q}}{{> q}}", q: "{{> p}}{{> p}}" } })).toContain(
      "nested deeper",
    )
  })

  it("in partials that double their work at each level", () => {
    const levels = numbers(40)
    const partials = Object.fromEntries(
      levels.map((level) => [`p${level}`, `{{> p${level + 1}}}{{> p${level + 1}}}`]),
    )
    expect(failure("{{> p0}}", {}, { partials: { ...partials, p40: "" } })).toContain("too many steps")
  })

  it("also a recursion over data as deep as data may be", () => {
    const deep = (levels: number): object => (levels === 0 ? {} : { next: deep(levels - 1) })
    const partials = { p: "x{{#each this}}{{#if true}}{{> p}}{{/if}}{{/each}}" }
    expect(render("{{> p a}}", { a: deep(60) as never }, { partials })).toBe("x".repeat(61))
  })
})
