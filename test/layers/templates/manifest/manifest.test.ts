import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { decodeManifest } from "../../../../layers/templates/manifest/decodeManifest.ts"
import {
  expressionProblems,
  manifestProblems,
} from "../../../../layers/templates/manifest/manifestProblems.ts"
import { sentence } from "../../../../layers/templates/problems.ts"

const head = 'name: t\nversion: "1"\ntype: run\nrun_scope: both\n'

/** Everything that is found wrong with a manifest, by line. */
const problems = (text: string): ReadonlyArray<string> =>
  Either.match(decodeManifest(text), {
    onLeft: (found) => found.map(sentence),
    onRight: (source) => [...manifestProblems(source), ...expressionProblems(source)].map(sentence),
  }).map((message) => message.replace("template.yaml", ""))

const questions = (...lines: ReadonlyArray<string>) =>
  `${head}questions:\n${lines.map((line) => `  ${line}\n`).join("")}`

describe("a manifest", () => {
  it("with everything that it can say", () => {
    const text = `name: confocal_run
version: "2.1"
type: run
run_scope: both
description: Standard confocal acquisition
questions:
  sample_type:
    type: choice
    label: Sample type
    help: What lies under the objective
    options: [Fixed tissue, Live cell, "yes"]
    required: true
    default: Fixed tissue
  pixels: { type: integer, default: 1024 }
  title: { type: string, default: "{{upper label}} {{sample_type}}", pattern: "^[A-Z]" }
  temperature: { type: number, when: "{{eq sample_type 'Live cell'}}", default: 37.0 }
readme:
  fields:
    - { id: funding, label: Funding, type: string, hint: A grant, required: true }
  body: README.body.md.hbs
plugins: [filename-renamer, csv-header]
plugins_fatal: true
exclude: ["*.bak", "drafts/**"]
skip_if_exists: ["*.xlsx"]
`
    expect(problems(text)).toEqual([])
    const { manifest } = Either.getOrThrow(decodeManifest(text))
    expect(manifest).toMatchObject({ runScope: "both", pluginsFatal: true, skipIfExists: ["*.xlsx"] })
    expect(Object.keys(manifest.questions ?? {})).toEqual(["sample_type", "pixels", "title", "temperature"])
  })

  it("with keys and types that are wrong: all of them, each on its line", () => {
    const text = `name: Foo
version: 2.1
type: runs
run_scop: both
questions:
  a:
    type: strin
    options: [1]
    requird: true
  b: 3
readme:
  fields:
    - { id: 1x, type: text }
plugins: p
`
    expect(problems(text)).toEqual([
      ":4 run_scop is not a key that is known here (did you mean run_scope?); known are name, version, type, run_scope, description, questions, readme, plugins, plugins_fatal, exclude, skip_if_exists",
      ":1 name must match ^[a-z][a-z0-9_-]*$",
      ":2 version must be a text: put it in quotes",
      ':3 type must be "project" or "run", not "runs"',
      ":9 questions.a.requird is not a key that is known here (did you mean required?); known are type, label, help, options, required, default, pattern, when",
      ':7 questions.a.type must be "string", "text", "number", "integer", "boolean", "date" or "choice", not "strin"',
      ":8 questions.a.options.0 must be a text: put it in quotes",
      expect.stringMatching(/^:10 questions\.b must be .*, not 3$/),
      ":13 readme.fields.0.id must be a letter, then letters, digits or _",
      ":13 readme.fields.0.label is missing",
      expect.stringMatching(/^:14 plugins must be .*, not "p"$/),
    ])
  })

  it.each([
    ["", " the manifest must be "],
    ["[]", ":1 the manifest must be "],
    ["just text", ":1 the manifest must be "],
    ["name: t", ":1 version is missing"],
    [`${head}version: "2"`, ":5 the key version is there twice"],
    ["a: [1", ":1 "],
    ["a: {\n\tb", ":"],
    [`${head}---\n${head}`, ":5 "],
    ["a: *nobody", ":1 "],
    ["a: !!js/function 1", ":1 a has the tag !!js/function, which is not supported"],
    ["a: !!binary aGk=", ":1 a has the tag !!binary, which is not supported"],
    ["a: !!timestamp 2020-01-01", ":1 a has the tag !!timestamp, which is not supported"],
    ["a: .inf", ":1 a must be a finite number, not Infinity"],
    [`${head}__proto__: { polluted: true }`, ":5 the name __proto__ can't be used"],
    [`${head}? [a]\n: b`, ":5 "],
    [`${head}description: "a\\0b"`, ":5 description contains a NUL character"],
    [`${head}description: "\\ud800"`, ":5 description contains half of a surrogate pair"],
  ])("%j is refused", (text, message) => {
    expect(problems(text)[0]).toContain(message.trim())
    expect(Object.prototype).not.toHaveProperty("polluted")
  })

  it("with anchors may repeat itself", () => {
    const text = questions(
      "a: { type: choice, options: &stains [DAPI, GFP] }",
      "b: { type: choice, options: *stains }",
    )
    expect(problems(text)).toEqual([])
    expect(Either.getOrThrow(decodeManifest(text)).manifest.questions?.["b"]?.options).toEqual([
      "DAPI",
      "GFP",
    ])
  })

  it.each([
    [
      "aliases that multiply",
      `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [${i === 0 ? "*a" : `*b${i - 1}, *b${i - 1}`}]`).join("\n")}`,
    ],
    ["an alias in itself", "a: &a [*a, *a]"],
    ["brackets in brackets", "[".repeat(100_000)],
    ["closed brackets in brackets", `a: ${"[".repeat(800)}${"]".repeat(800)}`],
    ["maps in maps", "{a: ".repeat(50_000)],
    ["lists in lists on one line", `${"- ".repeat(50_000)}x`],
    ["deep indentation", Array.from({ length: 700 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
    ["lists in lists, apart by tabs", "-\t".repeat(60_000)],
    ["keys that are lists that are keys", "? - ".repeat(30_000)],
    ["20,000 values", `${head}plugins: [${"a, ".repeat(21_000)}a]`],
  ])("%s: refused at once, the process lives", (_, text) => {
    expect(problems(text)).toEqual([expect.stringMatching(/too deeply|too many/)])
  })

  it("of much that is wrong is told about the first", () => {
    expect(problems("- &a ".repeat(2000))).toHaveLength(50)
    expect(problems("a: 1\n".repeat(2000))).toHaveLength(50)
  })

  it("of many keys isn't compared key by key", () => {
    const many = Array.from({ length: 15_000 }, (_, index) => `k${index}: 1`).join("\n")
    expect(problems(many).length).toBeGreaterThan(10_000)
  })

  it("of random text is refused or read, never anything else", () => {
    const piece = fc.constantFrom(
      ..."[]{}:,-?&*!|>'\"%@`# \n\tab1".split(""),
      "a: ",
      "- ",
      "  ",
      "&a ",
      "*a",
      "<<: ",
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("")),
        (text) => {
          const found = decodeManifest(text)
          expect(Either.isLeft(found) && found.left.length).toBeGreaterThan(0)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe("what a manifest says", () => {
  it.each([
    ['name: t\nversion: "1"\ntype: run\n', [":3 a run template says run_scope: experimental, test or both"]],
    ['name: t\nversion: "1"\ntype: project\nrun_scope: both\n', [":4 run_scope is for run templates only"]],
    ['name: t\nversion: ""\ntype: project\n', [expect.stringContaining(":2 version")]],
    [questions("1a: { type: string }"), [":6 the id 1a must be a letter, then letters, digits or _"]],
    [questions("label: { type: string }"), [":6 label is a core field that every request has"]],
    [questions("run_kind: { type: string }"), [":6 run_kind is a variable that every template has"]],
    [questions("constructor: { type: string }", "toString: { type: string }"), []],
    [questions("a: { type: choice }"), [":6 question a: a choice needs options"]],
    [
      questions("a: { type: string, options: [b] }"),
      [":6 question a: options belong to a choice, not to a string"],
    ],
    [questions("a: { type: choice, options: [b, b] }"), [":6 question a: options are listed twice"]],
    [
      questions("a: { type: string, pattern: '(' }"),
      [":6 question a: the pattern is not a regular expression"],
    ],
    [questions("a: { type: number, pattern: 'x' }"), [":6 question a: a pattern doesn't apply to a number"]],
    [
      questions("a: { type: string, pattern: '^(a+)+$' }"),
      [expect.stringContaining(":6 question a: a repetition inside a repetition")],
    ],
    [
      questions("a: { type: choice, options: [b], default: c }"),
      [":6 question a: the default must be one of: b"],
    ],
    [questions("a: { type: integer, default: 1.5 }"), [":6 question a: the default must be a whole number"]],
    [
      questions("a: { type: date, default: 2026-02-30 }"),
      [":6 question a: the default must be a date, YYYY-MM-DD"],
    ],
    [questions("a: { type: date, default: 2026-02-28 }"), []],
    [
      questions("a: { type: string, default: '{{nope}}' }"),
      [expect.stringContaining(":6 there is no variable `nope`")],
    ],
    [
      questions("a: { type: string, default: '{{b}}' }", "b: { type: string }"),
      [expect.stringContaining("there is no variable `b`")],
    ],
    [questions("a: { type: string }", "b: { type: string, when: '{{a}}', default: '{{a}}{{label}}' }"), []],
    [
      questions("a: { type: string, when: '{{#if label}}' }"),
      [":6 a block or an expression is never closed"],
    ],
    [questions("a: { type: string, when: '{{a}}' }"), [expect.stringContaining("there is no variable `a`")]],
    [questions("a: { type: string, default: '{{> p}}' }"), [":6 there is no file _partials/p.hbs"]],
    [
      `${head}readme:\n  fields: [{ id: a, label: A, type: string }, { id: a, label: A, type: string }]\n`,
      [":6 the README field a is there twice"],
    ],
    [
      `${head}readme:\n  fields:\n  - { id: objective, label: A, type: string }\n`,
      [":7 objective is a core field that every README has"],
    ],
    [`${head}plugins: [a, b, a]\n`, [":5 the plugin a is there twice"]],
    [
      `${head}exclude: ["/a", "", "${"x".repeat(201)}"]\n`,
      [
        ":5 /a must be a relative path, without ..",
        ":5  must be a relative path, without ..",
        expect.stringContaining("is longer than 200 characters"),
      ],
    ],
  ])("%j", (text, expected) => {
    expect(problems(text)).toEqual(expected)
  })
})
