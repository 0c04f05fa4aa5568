import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { describe } from "vitest"
import { TemplateEngine } from "../../../src/ports/TemplateEngine.ts"
import {
  failureOf,
  type Files,
  layer,
  loadProblems,
  manifest,
  operations,
  render,
  resolve,
  template,
} from "./engine.ts"

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex")

describe("everything that a text names is declared", () => {
  it.scopedLive.each<[Files, ReadonlyArray<string>]>([
    [{ "a.hbs": "\n{{nope}}" }, ["a.hbs:2 there is no variable `nope`"]],
    [{ "a.hbs": "{{#if nope}}{{/if}}" }, ["a.hbs:1 there is no variable `nope`"]],
    [{ "a.hbs": "{{#each nope}}{{/each}}" }, ["a.hbs:1 there is no variable `nope`"]],
    [
      { "a.hbs": "{{#unless no}}x{{else}}\n{{pe}}{{/unless}}" },
      ["a.hbs:1 there is no variable `no`", "a.hbs:2 there is no variable `pe`"],
    ],
    [
      { "a.hbs": "{{#each data}}{{../nope}}{{@root.more}}{{free}}{{/each}}" },
      ["a.hbs:1 there is no variable `more`", "a.hbs:1 there is no variable `nope`"],
    ],
    [{ "a.hbs": "{{lower (default nope 'x')}}" }, ["a.hbs:1 there is no variable `nope`"]],
    [{ "a.hbs": "{{> p}}" }, ["a.hbs:1 there is no file _partials/p.hbs"]],
    [
      { "a.hbs": "{{> p x=label}}", "_partials/p.hbs": "{{x}}{{label}}\n{{nope}}" },
      ["_partials/p.hbs:2 there is no variable `nope`"],
    ],
    [
      { "a.hbs": "{{#each data}}{{> p}}{{/each}}", "_partials/p.hbs": "{{free}}\n{{@root.nope}}" },
      ["_partials/p.hbs:2 there is no variable `nope`"],
    ],
    [
      { "a.hbs": "{{> p}}", "_partials/p.hbs": "{{> p}}{{> q}}" },
      ["_partials/p.hbs:1 there is no file _partials/q.hbs"],
    ],
    [
      { "a.hbs": "{{label.x}}{{#each run_kind}}{{/each}}" },
      [
        "a.hbs:1 `label` is a single value, it has no `x`",
        "a.hbs:1 `run_kind` is a single value, {{#each}} needs a list",
      ],
    ],
    [{ "a.hbs": "{{nope 1}}" }, ["a.hbs:1 there is no helper `nope`"]],
    [
      { "_partials/unused.hbs": "{{#if a}}" },
      ["_partials/unused.hbs:1 a block or an expression is never closed"],
    ],
    [{ "a.hbs": "{{constructor}}{{__proto__}}{{toString}}" }, ["`__proto__`", "`constructor`", "`toString`"]],
  ])("%j", ([files, expected]) =>
    Effect.gen(function* () {
      yield* template(files)
      const found = yield* loadProblems("t", ["data"])
      expect(found).toEqual(expected.map((message) => expect.stringContaining(message)))
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("the built-in variables, the questions, and what plugins declare", () =>
    Effect.gen(function* () {
      const questions = manifest("questions:\n  stain: { type: string }\nreadme: { body: b.md.hbs }\n")
      yield* template(
        { "{{run_name}}.hbs": "{{stain}}{{channels}}", "b.md.hbs": "{{channels}}" },
        { manifest: questions },
      )
      expect(yield* loadProblems("t", ["channels"])).toEqual([])
      expect(yield* loadProblems("t", [])).toHaveLength(2)
      yield* template({ "b.md.hbs": "{{other}}" }, { manifest: questions })
      expect(yield* loadProblems("t", ["channels"])).toEqual([
        expect.stringContaining("b.md.hbs:1 there is no variable `other`; there are channels, created_at, "),
      ])
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("all problems of all files come back together, in the order of their places", () =>
    Effect.gen(function* () {
      yield* template(
        { "b.hbs": "{{nope}}\n{{nope}}", "a.hbs": "{{#if}}", "c/Aux": "", "_partials/p.hbs": "{{x b=c}}" },
        { manifest: manifest("questions:\n  9: { type: choice }\n") },
      )
      const places = (yield* loadProblems()).map((message) => message.split(" ", 1)[0])
      expect(places).toEqual([
        "_partials/p.hbs:1",
        "_partials/p.hbs:1",
        "a.hbs:1",
        "b.hbs:1",
        "b.hbs:2",
        "c/Aux",
        "template.yaml:6",
        "template.yaml:6",
      ])
    }).pipe(Effect.provide(layer())),
  )
})

it.scopedLive("of very many problems the first are told", () =>
  Effect.gen(function* () {
    yield* template({ "a.hbs": "{{nope}}\n".repeat(5000) })
    const found = yield* loadProblems()
    expect(found).toHaveLength(51)
    expect(found[49]).toContain("a.hbs:50 ")
    expect(found[50]).toMatch(/^and \d+ more$/)
  }).pipe(Effect.provide(layer())),
)

describe("what isn't a text that can be rendered", () => {
  it.scopedLive.each<[Files, string]>([
    [{ "a.hbs": Uint8Array.of(0x61, 0xff) }, "a.hbs is not UTF-8 text"],
    [{ "a.hbs": "a\0b" }, "a.hbs holds NUL characters"],
    [
      { "a.hbs": "x".repeat(1024 * 1024 + 1) },
      "a.hbs is larger than 1048576 bytes, too large to be rendered",
    ],
    [{ "a.hbs": "{{#if label}}".repeat(21_000) }, "a.hbs:1 is nested deeper than 64 levels"],
    [{ "a.hbs": "{{label}}".repeat(30_000) }, "a.hbs:1 has more than 20000 expressions"],
  ])("case %#", ([files, message]) =>
    Effect.gen(function* () {
      yield* template(files)
      expect(yield* loadProblems()).toEqual([expect.stringContaining(message)])
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("too many expressions in all files together", () =>
    Effect.gen(function* () {
      const files = Array.from({ length: 30 }, (_, index) => [`${index}.hbs`, "{{label}}".repeat(19_000)])
      yield* template(Object.fromEntries(files))
      expect(yield* loadProblems()).toContainEqual(
        expect.stringContaining("the template has more than 500000 expressions"),
      )
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("a README body that isn't there", () =>
    Effect.gen(function* () {
      yield* template({}, { manifest: manifest("readme:\n  body: prose.md\n") })
      expect(yield* loadProblems()).toEqual(["template.yaml:6 there is no file prose.md"])
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("core fields declared again have a code of their own", () =>
    Effect.gen(function* () {
      yield* template(
        {},
        { manifest: manifest("readme:\n  fields: [{ id: operator, label: Operator, type: string }]\n") },
      )
      expect(yield* Effect.flip(resolve())).toMatchObject({
        _tag: "TemplateLoadError",
        code: "template_core_field_redeclared",
      })
      yield* template({}, { name: "u", manifest: manifest("questions: { label: { type: string } }\n", "u") })
      expect(yield* Effect.flip(resolve("u"))).toMatchObject({ code: "template_core_field_redeclared" })
      yield* template(
        {},
        { name: "v", manifest: manifest("questions: { run_name: { type: string } }\n", "v") },
      )
      expect(yield* Effect.flip(resolve("v"))).toMatchObject({ code: "template_load_error" })
    }).pipe(Effect.provide(layer())),
  )
})

describe("what is read, and when", () => {
  const files: Files = {
    "a.txt.hbs": "{{label}}",
    "sub/b.txt.hbs": "{{> p}}",
    "_partials/p.hbs": "p",
    "c.bin": "bytes",
  }

  it.scopedLive("the digest is that of the sorted paths and contents", () =>
    Effect.gen(function* () {
      yield* template(files)
      const lines = [
        `${sha256("p")}  _partials/p.hbs\n`,
        `${sha256("{{label}}")}  a.txt.hbs\n`,
        `${sha256("bytes")}  c.bin\n`,
        "sub/\n",
        `${sha256("{{> p}}")}  sub/b.txt.hbs\n`,
        `${sha256(manifest())}  template.yaml\n`,
      ]
      expect((yield* resolve()).digest).toBe(sha256(lines.join("")))
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("a template that hasn't changed is looked at, not read", () =>
    Effect.gen(function* () {
      yield* template(files)
      const first = yield* resolve()
      const done = yield* operations(resolve())
      expect(done.filter(({ name }) => name === "readFile" || name === "hashFile")).toEqual([])
      // Three directories; its manifest and five files, each once.
      expect(done.filter(({ name }) => name === "list")).toHaveLength(3)
      expect(done.filter(({ name }) => name === "lstat")).toHaveLength(1 + 5)
      expect((yield* resolve()).digest).toBe(first.digest)
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("only what has changed is read again", () =>
    Effect.gen(function* () {
      const path = yield* template(files)
      const first = yield* resolve()
      fs.writeFileSync(join(path, "a.txt.hbs"), "{{operator}}")
      const done = yield* operations(resolve())
      expect(done.filter(({ name }) => name === "readFile").map(({ paths }) => paths)).toEqual([
        [join(path, "a.txt.hbs")],
      ])
      expect((yield* resolve()).digest).not.toBe(first.digest)
      expect((yield* render()).tree["a.txt"]).toBe("asmith")
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("what comes, goes or turns into something else is seen", () =>
    Effect.gen(function* () {
      const path = yield* template(files)
      const digests = [(yield* resolve()).digest]
      const changes: ReadonlyArray<() => void> = [
        () => fs.writeFileSync(join(path, "new"), ""),
        () => fs.rmSync(join(path, "new")),
        () => fs.mkdirSync(join(path, "empty")),
        () => fs.renameSync(join(path, "c.bin"), join(path, "d.bin")),
        () => {
          fs.rmSync(join(path, "d.bin"))
          fs.symlinkSync("a.txt.hbs", join(path, "d.bin"))
        },
        () => fs.writeFileSync(join(path, "template.yaml"), `${manifest()}description: new\n`),
      ]
      for (const change of changes) {
        change()
        digests.push((yield* resolve()).digest)
      }
      expect(digests[2]).toBe(digests[0])
      expect(new Set(digests).size).toBe(digests.length - 1)
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("many who ask at once for a template that nobody has read yet make it be read once", () =>
    Effect.gen(function* () {
      yield* template(files)
      const done = yield* operations(
        Effect.all(
          Array.from({ length: 50 }, () => resolve()),
          { concurrency: "unbounded" },
        ),
      )
      expect(
        done.filter(({ name, paths }) => name === "readFile" && !String(paths[0]).endsWith("template.yaml")),
      ).toHaveLength(3)
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("the first who reads it may go away: the others go on", () =>
    Effect.gen(function* () {
      yield* template(files)
      for (let round = 0; round < 20; round += 1) {
        const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(resolve()))
        for (let step = 0; step < round; step += 1) yield* Effect.yieldNow()
        const [first, ...others] = fibers
        if (first !== undefined) yield* Fiber.interrupt(first)
        const exits = yield* Effect.forEach(others, Fiber.await)
        expect(exits.every(Exit.isSuccess)).toBe(true)
      }
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("a manifest that changes after it was located is refused, not mixed up", () =>
    Effect.gen(function* () {
      const path = yield* template(files)
      const engine = yield* TemplateEngine
      const located = yield* engine.locate("t", { equipmentId: "CONFOCAL_01" })
      fs.writeFileSync(join(path, "template.yaml"), manifest().replace("both", "test"))
      const error = yield* failureOf(engine.resolve(located, []))
      expect(error?.message).toBe("template t has changed while it was looked at; try again")
    }).pipe(Effect.provide(layer())),
  )
})
