import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { failure, problems, render } from "./source.ts"

describe("what is printed", () => {
  it.each([
    ["{{a}}{{b}}", { a: 1, b: 2 }, "12"],
    ["{{a}}{{b}}", { a: true, b: true }, "truetrue"],
    ["{{a}}{{b}}{{c}}", { a: 1, b: true, c: null }, "1true"],
    ["{{a}}", { a: "<b> & 'c' = \"d\"" }, "<b> & 'c' = \"d\""],
    ["{{a}}", { a: 0.1 }, "0.1"],
    ["{{{a}}}{{&a}}", { a: "{{b}}" }, "{{b}}{{b}}"],
    ["\\{{a}} \\\\{{a}}", { a: "x" }, "{{a}} \\x"],
    ["{{this.a}}{{./a}}{{@root.a}}", { a: "x" }, "xxx"],
    ["{{list.[0]}}{{list.[1]}}{{list.length}}", { list: ["x", "y"] }, "xy2"],
    ["{{a.[b c]}}", { a: { "b c": "x" } }, "x"],
  ])("%s over %j", (source, variables, expected) => {
    expect(render(source, variables)).toBe(expected)
  })

  it("each expression becomes text by itself, whatever scalars stand side by side", () => {
    const scalar = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    )
    fc.assert(
      fc.property(scalar, scalar, scalar, (a, b, c) => {
        expect(render("{{a}}{{b}}{{c}}", { a, b, c })).toBe([a, b, c].map(String).join(""))
      }),
    )
  })
})

describe("conditions", () => {
  it.each([
    [true, "yes"],
    [false, "no"],
    ["", "no"],
    [null, "no"],
    ["x", "yes"],
    ["0", "yes"],
    ["false", "yes"],
    [0, "yes"],
    [[], "no"],
    [[""], "yes"],
    [{}, "yes"],
  ])("%j holds: %s", (a, expected) => {
    expect(render("{{#if a}}yes{{else}}no{{/if}}", { a })).toBe(expected)
    expect(render("{{#unless a}}no{{else}}yes{{/unless}}", { a })).toBe(expected)
    expect(render("{{^if a}}no{{else}}yes{{/if}}", { a })).toBe(expected)
    expect(render("{{when a 'yes' 'no'}}", { a })).toBe(expected)
  })
})

describe("lists and objects", () => {
  it("are gone through in order, with their place", () => {
    const source = "{{#each l as |x i|}}{{i}}{{x}}{{@index}}{{@key}}{{@first}}{{@last}};{{/each}}"
    expect(render(source, { l: ["a", "b"] })).toBe("0a00truefalse;1b11falsetrue;")
    expect(render("{{#each o}}{{@index}}{{@key}}={{this}};{{/each}}", { o: { b: 1, a: 2 } })).toBe(
      "0b=1;1a=2;",
    )
  })

  it("blocks in blocks see outwards", () => {
    const source = "{{#each r}}{{#each this}}{{@../index}}{{@index}}{{../../a}};{{/each}}{{/each}}"
    expect(render(source, { a: "x", r: [["p", "p"], ["q"]] })).toBe("00x;01x;10x;")
  })

  it("an item that equals what is around it still is one level further in", () => {
    expect(render("{{#each l}}{{#with this}}{{../../a}}{{/with}}{{/each}}", { a: "x", l: ["p"] })).toBe("x")
  })

  it.each(["", null, false, []])("%j has no items", (l) => {
    expect(render("{{#each l}}x{{else}}none{{/each}}", { l })).toBe("none")
  })

  it("can't be printed as they are", () => {
    expect(failure("\n{{a}}", { a: [1] })).toMatch(/^a\.hbs:2 `a` is a list: .*join or json/)
    expect(failure("{{a}}", { a: {} })).toMatch(/^a\.hbs:1 `a` is an object: /)
  })

  it("a single value can't be gone through", () => {
    expect(failure("{{#each a}}x{{/each}}", { a: "abc" })).toBe(
      "a.hbs:1 {{#each}} needs a list or an object, not a single value",
    )
  })
})

describe("what is missing when it is rendered", () => {
  it.each([
    ["{{a.b}}", "a.hbs:1 `a.b` is missing: there is no `b`"],
    ["\n{{#if a.b}}x{{/if}}", "a.hbs:2 `a.b` is missing: there is no `b`"],
    ["{{#each a.b}}x{{/each}}", "a.hbs:1 `a.b` is missing: there is no `b`"],
    ["{{#with a.b.c}}x{{/with}}", "a.hbs:1 `a.b.c` is missing: there is no `b`"],
    ["{{lower a.b}}", "a.hbs:1 `a.b` is missing: there is no `b`"],
    ["{{default a.b 'x'}}", "a.hbs:1 `a.b` is missing: there is no `b`"],
    ["{{#each l}}\n{{nope}}{{/each}}", "a.hbs:2 `nope` is missing: there is no `nope`"],
    ["{{l.[2]}}", "a.hbs:1 `l.2` is missing: there is no `2`"],
    ["{{s.length}}", "a.hbs:1 `s.length` is missing: there is no `length`"],
    ["{{nope}}", "a.hbs:1 `nope` is missing: there is no `nope`"],
  ])("%j: %s", (source, message) => {
    expect(failure(source, { a: {}, l: ["x", "y"], s: "text" })).toBe(message)
  })
})

describe("plain data only", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"]

  it.each(names)("%s is no variable and no member unless it is given", (name) => {
    for (const source of [`{{${name}}}`, `{{a.${name}}}`, `{{l.${name}}}`, `{{#if a.${name}}}x{{/if}}`]) {
      expect(failure(source, { a: {}, l: [] })).toContain("is missing")
    }
    expect(failure(`{{a.constructor.${name}}}`, { a: {} })).toContain("is missing")
  })

  it.each(names)("%s is a name like any other when it is given", (name) => {
    const variables = Object.fromEntries([[name, "x"]])
    expect(render(`{{${name}}}{{#if ${name}}}y{{/if}}`, variables)).toBe("xy")
    expect(render(`{{#each a}}{{@key}}{{this}}{{/each}}`, { a: variables })).toBe(`${name}x`)
    expect(Object.prototype).not.toHaveProperty("x")
  })

  it.each(names)("%s is no helper, block or partial", (name) => {
    expect(problems(`{{${name} a}}`)[0]).toContain("unknown_helper")
    expect(problems(`{{lower (${name} a)}}`)[0]).toContain("unknown_helper")
    expect(problems(`{{#${name} a}}{{/${name}}}`)[0]).toContain("unknown_helper")
    expect(failure(`{{> ${name}}}`)).toBe(`a.hbs:1 there is no partial \`${name}\``)
  })

  it("a function in the data is never called: it has no text and no members", () => {
    let called = false
    const call = () => {
      called = true
      return "x"
    }
    const variables = { f: call as never, o: { toString: call as never, toHTML: call as never } }
    for (const source of [
      "{{f}}",
      "{{f 1}}",
      "{{#if f}}{{/if}}",
      "{{#each f}}{{/each}}",
      "{{#with f}}{{/with}}",
      "{{o}}",
      "{{upper o}}",
      "{{json o}}",
    ]) {
      if (problems(source).length === 0) failure(source, variables)
    }
    expect(called).toBe(false)
  })

  it("a value that looks like a parsed template stays a value", () => {
    const injected = {
      type: "Program",
      body: [{ type: "MustacheStatement", path: { type: "NumberLiteral", value: "process.exit()" } }],
    }
    expect(render("{{#each a.body}}{{this.type}}{{/each}}", { a: injected })).toBe("MustacheStatement")
    expect(failure("{{> p}}", { p: injected })).toBe("a.hbs:1 there is no partial `p`")
    expect(failure("{{a}}", { a: injected })).toContain("is an object")
  })
})

describe("what a source may not say", () => {
  it.each([
    ["{{#if a}}", "1 syntax a block or an expression is never closed"],
    ["{{/if}}", "1 syntax a closing {{/…}} has no opening {{#…}}"],
    ["x\n{{#if a}}{{/each}}", "2 syntax if doesn't match each"],
    ["x\n{{a b=}}", "2 syntax an expression is not complete, or holds what doesn't belong there"],
    ['{"a":{{a}}}', "1 syntax a } directly after }} is read as }}}: put a space between them"],
    ["{{a.this}}", "1 syntax Invalid path: a.this"],
    ["\n{{{{raw}}}}{{{{/raw}}}}", "2 unsupported_syntax raw blocks {{{{…}}}} are not supported"],
    [
      "{{#*inline 'p'}}{{/inline}}",
      "1 unsupported_syntax inline partials {{#*inline}} are not supported: put it into _partials/",
    ],
    ["{{* d}}", "1 unsupported_syntax decorators {{* …}} are not supported"],
    [
      "{{#> p}}{{/p}}",
      "1 unsupported_syntax partials with a block {{#> …}} are not supported: give values by name",
    ],
    ["{{> (lower a)}}", "1 unsupported_syntax a partial is called by its name, not by an expression"],
    ["{{> p a b}}", "1 helper_misused a partial takes one value, and others by name"],
    ["{{'text'}}", "1 unsupported_syntax a literal alone: write the text without braces"],
    ["{{lower undefined}}", "1 unsupported_syntax undefined is not a value; null is"],
    ["{{lower}}{{lower a b}}", "1 helper_misused `lower` takes 1 value, not 2"],
    ["{{padStart a}}", "1 helper_misused `padStart` takes 2 to 3 values, not 1"],
    ["{{lower a b=c}}", "1 helper_misused `lower` takes no named values"],
    ["{{#if a b}}{{/if}}", "1 helper_misused {{#if}} takes one value and nothing else"],
    ["{{#if a includeZero=true}}{{/if}}", "1 helper_misused {{#if}} takes one value and nothing else"],
    ["{{#if a as |b|}}{{/if}}", "1 helper_misused {{#if}} has nothing to give the names b to"],
    ["{{#a}}x{{/a}}", "1 unknown_helper there is no block {{#a}}; the blocks are if, unless, each and with"],
    ["{{if a}}", "1 unknown_helper `if` opens a block: {{#if …}}…{{/if}}"],
    ["{{padEnd a 'wide'}}", "1 helper_misused `padEnd` needs a width, a whole number up to 1000"],
    [
      '{{formatDate a "yyyy-MM-DD"}}',
      "1 helper_misused `formatDate` knows yyyy MM dd HH mm ss and 'quoted text', not D in yyyy-MM-DD",
    ],
    ["{{formatDate 'soon' 'yyyy'}}", "1 helper_misused `formatDate` needs an ISO-8601 date, not soon"],
    ["{{#each 'ab'}}{{/each}}", "1 helper_misused {{#each}} needs a list or an object, not a single value"],
    ["{{@index}}", "1 variable_misused `@index` has a value inside {{#each}} only"],
    ["{{#each a}}{{@../index}}{{/each}}", "1 variable_misused `@../index` has a value inside {{#each}} only"],
    [
      "{{@partial-block}}",
      "1 variable_misused `@partial-block` is not one of @index, @key, @first, @last, @root",
    ],
    ["{{../a}}", "1 variable_misused `../a` leads out of the template"],
    ["{{#each a}}{{../../b}}{{/each}}", "1 variable_misused `../../b` leads out of the template"],
  ])("%s", (source, found) => {
    expect(problems(source)).toEqual([found])
  })

  it.each(["log", "lookup", "helperMissing", "blockHelperMissing", "eval", "require"])(
    "there is no helper %s",
    (name) => {
      expect(problems(`{{${name} a b}}`)[0]).toMatch(
        /^1 unknown_helper there is no helper .*; the helpers are and, camel, /,
      )
    },
  )

  it("everything that is wrong comes back at once", () => {
    expect(
      problems("{{nope a}}\n{{#nope a}}{{/nope}}\n{{../a}}\n{{lower a b}}").map((found) =>
        found.split(" ", 2).join(" "),
      ),
    ).toEqual(["1 unknown_helper", "2 unknown_helper", "3 variable_misused", "4 helper_misused"])
  })
})
