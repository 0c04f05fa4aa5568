import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { describe } from "vitest"
import { TemplateEngine } from "../../../src/ports/TemplateEngine.ts"
import { emptyDirectory, type Files, layer, manifest, writeFiles } from "./engine.ts"

/** `file:line severity code` of every finding in a folder. */
const lint = (path: string) =>
  Effect.map(
    Effect.flatMap(TemplateEngine, (engine) => engine.lint(path)),
    (found) => found.map(({ file, line, severity, code }) => `${file}:${line} ${severity} ${code}`),
  )

const lintFiles = (files: Files) =>
  Effect.gen(function* () {
    const path = join(yield* emptyDirectory, "t")
    writeFiles(path, { "template.yaml": manifest(), ...files })
    return yield* lint(path)
  })

describe("a template is checked without being used", () => {
  it.scopedLive("one that is sound has no findings", () =>
    Effect.gen(function* () {
      expect(
        yield* lintFiles({
          "a.txt.hbs": "{{label}}{{> p}}",
          "_partials/p.hbs": "x",
          "b.bin": Uint8Array.of(0, 255),
        }),
      ).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive.each<[string, Files, ReadonlyArray<string>]>([
    ["no manifest", { "template.yaml": null }, ["template.yaml:0 error manifest_missing"]],
    ["YAML that isn't", { "template.yaml": "a: [" }, ["template.yaml:1 error manifest_syntax"]],
    [
      "keys and types",
      { "template.yaml": "name: t\nversion: 1\ntyp: run\n" },
      [
        "template.yaml:1 error manifest_invalid",
        "template.yaml:2 error manifest_invalid",
        "template.yaml:3 error unknown_key",
      ],
    ],
    [
      "the scope",
      { "template.yaml": 'name: t\nversion: "1"\ntype: run\n' },
      ["template.yaml:3 error run_scope_missing"],
    ],
    [
      "a scope too many",
      { "template.yaml": manifest().replace("type: run", "type: project") },
      ["template.yaml:4 error run_scope_unexpected"],
    ],
    [
      "ids",
      { "template.yaml": manifest("questions: { 1a: { type: string }, run_date: { type: string } }") },
      ["template.yaml:5 error question_invalid", "template.yaml:5 error question_invalid"],
    ],
    [
      "core fields",
      { "template.yaml": manifest("questions: { operator: { type: string } }") },
      ["template.yaml:5 error core_field_redeclared"],
    ],
    [
      "fields",
      { "template.yaml": manifest("readme: { fields: [{ id: a, label: A, type: choice }] }") },
      ["template.yaml:5 error field_invalid"],
    ],
    [
      "defaults",
      { "template.yaml": manifest("questions: { a: { type: integer, default: x } }") },
      ["template.yaml:5 error default_invalid"],
    ],
    [
      "patterns that may hang",
      { "template.yaml": manifest("questions: { a: { type: string, pattern: '(a+)+b' } }") },
      ["template.yaml:5 warning pattern_slow"],
    ],
    ["plugins", { "template.yaml": manifest("plugins: [a, a]") }, ["template.yaml:5 error plugin_repeated"]],
    ["globs", { "template.yaml": manifest("exclude: ['/x']") }, ["template.yaml:5 error exclude_invalid"]],
    [
      "the README's prose",
      { "template.yaml": manifest("readme: { body: x.md }") },
      ["template.yaml:5 error readme_body_missing"],
    ],
    [
      "the folder's name",
      { "template.yaml": manifest("", "other") },
      ["template.yaml:1 warning name_mismatch"],
    ],
    ["texts that don't parse", { "a/b.hbs": "\n{{#if}}" }, ["a/b.hbs:2 error syntax"]],
    ["syntax that isn't supported", { "b.hbs": "{{#> p}}{{/p}}" }, ["b.hbs:1 error unsupported_syntax"]],
    ["texts that aren't text", { "b.hbs": Uint8Array.of(255) }, ["b.hbs:0 error file_unreadable"]],
    ["variables", { "b.hbs": "{{nope}}" }, ["b.hbs:1 error unknown_variable"]],
    [
      "variables that a plugin may bring",
      { "template.yaml": manifest("plugins: [a]"), "b.hbs": "{{nope}}" },
      ["b.hbs:1 warning unknown_variable"],
    ],
    [
      "variables that no plugin can bring",
      {
        "template.yaml": manifest("plugins: [a]\nquestions: { q: { type: string, default: '{{nope}}' } }"),
        "b.hbs": "{{../label}}{{@index}}",
      },
      [
        "b.hbs:1 error variable_misused",
        "b.hbs:1 error variable_misused",
        "template.yaml:6 error unknown_variable",
      ],
    ],
    [
      "values written out that no helper takes",
      {
        "b.hbs": [
          '{{formatDate label "nonsense"}}',
          '{{formatDate "soon" "yyyy"}}',
          "{{padStart (lower label) -1}}",
          '{{join "a"}}',
          "{{json label 9}}",
          '{{#each "ab"}}{{/each}}',
          '{{#if (eq (padEnd label "x") "")}}{{/if}}',
        ].join("\n"),
      },
      [1, 2, 3, 4, 5, 6, 7].map((line) => `b.hbs:${line} error helper_misused`),
    ],
    [
      "every problem of a text, not only those that come first",
      { "b.hbs": "{{nope 1}}\n{{nobody}}\n{{> missing}}\n{{label.x}}" },
      [
        "b.hbs:1 error unknown_helper",
        "b.hbs:2 error unknown_variable",
        "b.hbs:3 error unknown_partial",
        "b.hbs:4 error variable_misused",
      ],
    ],
    [
      "every problem of the questions",
      {
        "template.yaml": manifest(
          "questions:\n  a: { type: string, when: '{{nope 1}}', default: '{{nobody}}' }\n  b: { type: string, default: '{{b}}' }",
        ),
      },
      [
        "template.yaml:6 error unknown_helper",
        "template.yaml:6 error unknown_variable",
        "template.yaml:7 error unknown_variable",
      ],
    ],
    ["values taken apart", { "b.hbs": "{{label.x}}" }, ["b.hbs:1 error variable_misused"]],
    [
      "helpers",
      { "b.hbs": "{{nope 1}}{{lower 1 2}}" },
      ["b.hbs:1 error helper_misused", "b.hbs:1 error unknown_helper"],
    ],
    [
      "partials",
      { "b.hbs": "{{> nope}}", "_partials/p.hbs": "", "_partials/README": "" },
      [
        "_partials/README:0 warning stray_file",
        "_partials/p.hbs:0 warning partial_unused",
        "b.hbs:1 error unknown_partial",
      ],
    ],
    [
      "partials used by partials only",
      { "b.hbs": "{{> p}}", "_partials/p.hbs": "{{> q}}", "_partials/q.hbs": "" },
      [],
    ],
    ["links", { a: { link: "/etc/passwd" } }, ["a:0 error symlink_refused"]],
    [
      "names",
      { "con.txt": "", "{{label}}.hbs": "", "a.": "" },
      ["a.:0 error name_unsafe", "con.txt:0 error name_unsafe"],
    ],
    [
      "files among a project's runs, which no audit would look at",
      { "Runs/a.txt": "", "testruns/b.txt.hbs": "", "raw/Runs/c.txt": "" },
      ["Runs:0 error reserved_name", "testruns:0 error reserved_name"],
    ],
    ["reserved names", { "readme.md.hbs": "", "sub/README.md": "" }, ["readme.md.hbs:0 error reserved_name"]],
    ["names that collide", { "a.txt": "", "a.txt.hbs": "" }, ["a.txt.hbs:0 error name_collision"]],
    [
      "what lies about",
      { ".DS_Store": "", "a~": "", ".git/HEAD": "" },
      [".DS_Store:0 warning stray_file", ".git:0 warning stray_file", "a~:0 warning stray_file"],
    ],
    ["what is too much", { "b.hbs": "{{#if a}}".repeat(70) }, ["b.hbs:1 error limit_exceeded"]],
  ])("%s", ([, files, expected]) =>
    Effect.gen(function* () {
      expect((yield* lintFiles(files)).toSorted()).toEqual([...expected].toSorted())
    }).pipe(Effect.provide(layer())),
  )
})

describe("a folder of templates", () => {
  it.scopedLive("is searched, beside the shelves and on them, and files are named relative to it", () =>
    Effect.gen(function* () {
      const root = yield* emptyDirectory
      const broken = { "template.yaml": "name: x\n" }
      writeFiles(join(root, "direct"), broken)
      writeFiles(join(root, "projects/p"), { "template.yaml": manifest("", "p") })
      writeFiles(join(root, "runs/r"), {
        "template.yaml": manifest("", "r"),
        "a.hbs": "{{nope}}",
        "nested/template.yaml": "a: [",
      })
      writeFiles(join(root, ".hidden"), broken)
      expect(yield* lint(root)).toEqual([
        "direct/template.yaml:1 error manifest_invalid",
        "direct/template.yaml:1 error manifest_invalid",
        "runs/r/a.hbs:1 error unknown_variable",
      ])
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("without any is a finding, one that isn't there an error", () =>
    Effect.gen(function* () {
      const root = yield* emptyDirectory
      expect(yield* lint(root)).toEqual([":0 error no_template"])
      expect(yield* Effect.flip(lint(join(root, "nope")))).toMatchObject({
        _tag: "DiskError",
        errno: "ENOENT",
      })
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("says the same each time", () =>
    Effect.gen(function* () {
      const root = yield* emptyDirectory
      for (const name of ["a", "b", "c"])
        writeFiles(join(root, name), { "template.yaml": manifest(), "x.hbs": "{{nope}}{{#if}}", con: "" })
      expect(yield* lint(root)).toEqual(yield* lint(root))
    }).pipe(Effect.provide(layer())),
  )
})
