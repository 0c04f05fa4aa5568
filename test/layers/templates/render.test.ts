import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { describe } from "vitest"
import { parse } from "yaml"
import { layer, manifest, readTree, render, renderInto, resolve, template, emptyDirectory } from "./engine.ts"

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex")

const every = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256)

const sampleQuestions = manifest(`questions:
  sample: { type: string }
  count: { type: integer }
  fixed: { type: boolean }
readme:
  body: docs/body.md.hbs
exclude: ["*.bak", "drafts/**"]
`)

describe("what a template becomes", () => {
  it.scopedLive("texts are rendered, everything else is copied byte for byte", () =>
    Effect.gen(function* () {
      yield* template(
        {
          "notes.md.hbs": "{{label}}: {{sample}} × {{count}}{{fixed}}\n",
          "{{slug sample}}/data_{{count}}.csv.hbs": "a,b\n",
          "lut.bin": every,
          "{{braces}}.not": "{{label}} {{nothing}}",
        },
        {
          manifest: sampleQuestions
            .replace("docs/body.md.hbs", "body.txt")
            .replace("fixed:", "braces: { type: string }\n  fixed:"),
        },
      ).pipe(
        Effect.tap((path) =>
          Effect.sync(() => fs.writeFileSync(join(path, "body.txt"), "{{not}} an expression")),
        ),
      )
      const { tree, result, destination } = yield* render({
        sample: "HeLa cells",
        count: 12,
        fixed: true,
        braces: "x",
      })
      expect(tree).toEqual({
        "hela-cells/": "",
        "hela-cells/data_12.csv": "a,b\n",
        "lut.bin": fs.readFileSync(join(destination, "lut.bin"), "utf8"),
        "notes.md": "First look: HeLa cells × 12true\n",
        "x.not": "{{label}} {{nothing}}",
      })
      expect(new Uint8Array(fs.readFileSync(join(destination, "lut.bin")))).toEqual(every)
      expect(result.readmeBody).toBe("{{not}} an expression")
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("the manifest, the README's prose, partials and what is excluded stay behind", () =>
    Effect.gen(function* () {
      yield* template(
        {
          "docs/body.md.hbs": "Prose about {{sample}}.\n{{> sign}}",
          "_partials/sign.hbs": "({{operator}})",
          "_partials/README": "about partials",
          "a.bak": "x",
          "deep/b.bak": "x",
          "drafts/c": "x",
          "deep/template.yaml": "kept",
          "deep/_partials/x": "kept",
          "empty/.gitkeep": "",
        },
        { manifest: sampleQuestions },
      )
      const { tree, result } = yield* render({ sample: "HeLa" })
      expect(tree).toEqual({
        "deep/": "",
        "deep/_partials/": "",
        "deep/_partials/x": "kept",
        "deep/template.yaml": "kept",
        "docs/": "",
        "empty/": "",
      })
      expect(result.readmeBody).toBe("Prose about HeLa.\n(asmith)")
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("a name that renders to nothing leaves the entry out, with everything below it", () =>
    Effect.gen(function* () {
      const questions = manifest("questions:\n  fixed: { type: boolean }\n")
      yield* template(
        {
          "{{when fixed 'fixation'}}/inner/a.txt": "x",
          "{{when fixed 'protocol.md'}}.hbs": "{{label}}",
          "{{when fixed 'table.csv'}}": "x",
        },
        { manifest: questions },
      )
      expect((yield* render({ fixed: false })).tree).toEqual({})
      expect((yield* render({ fixed: true })).tree).toEqual({
        "fixation/": "",
        "fixation/inner/": "",
        "fixation/inner/a.txt": "x",
        "protocol.md": "First look",
        "table.csv": "x",
      })
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("the mode of copies and the executable bits of texts are kept", () =>
    Effect.gen(function* () {
      const path = yield* template({
        "run.sh.hbs": "#!/bin/sh\n",
        "copy.sh": "#!/bin/sh\n",
        "plain.txt.hbs": "x",
        data: "x",
      })
      fs.chmodSync(join(path, "run.sh.hbs"), 0o750)
      fs.chmodSync(join(path, "copy.sh"), 0o754)
      const { destination } = yield* render()
      const mode = (name: string) => (fs.statSync(join(destination, name)).mode & 0o777).toString(8)
      expect(["run.sh", "copy.sh", "plain.txt", "data"].map(mode)).toEqual(["755", "754", "644", "644"])
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("what was written is listed in order, with its size and checksum", () =>
    Effect.gen(function* () {
      yield* template({ "b/{{operator}}.txt.hbs": "é{{label}}", "a.bin": every, "c.txt.hbs": "" })
      const { result, destination } = yield* render()
      const answers = fs.readFileSync(join(destination, ".exlab-answers.yml"))
      expect(result.files).toEqual([
        {
          path: ".exlab-answers.yml",
          origin: "rendered",
          size: answers.length,
          sha256: sha256(answers),
          source: null,
        },
        { path: "a.bin", origin: "copied", size: every.length, sha256: sha256(every), source: "a.bin" },
        {
          path: "b/asmith.txt",
          origin: "rendered",
          size: Buffer.byteLength("éFirst look"),
          sha256: sha256("éFirst look"),
          source: "b/{{operator}}.txt.hbs",
        },
        { path: "c.txt", origin: "rendered", size: 0, sha256: sha256(""), source: "c.txt.hbs" },
      ])
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("the answers are there to be read again, whatever they hold", () =>
    Effect.gen(function* () {
      yield* template(
        {},
        {
          manifest: manifest(
            "questions:\n  a: { type: text }\n  b: { type: number }\n  c: { type: boolean }\n",
          ),
        },
      )
      const resolved = yield* resolve("t", ["p"])
      const answers = {
        a: "---\n@x: 'y' \"z\" # no\t\u0085\u2028 12\n\n  é😀 ",
        b: 1e21,
        c: false,
        p: { list: ["01", 1, null, { "a: b": "yes" }], "": "~" },
      }
      const destination = yield* emptyDirectory
      yield* renderInto(resolved, { destination, answers })
      const text = fs.readFileSync(join(destination, ".exlab-answers.yml"), "utf8")
      const expected = { template: { name: "t", version: "1.0", digest: resolved.digest }, answers }
      expect(parse(text)).toEqual(expected)
      expect(parse(text, { version: "1.1" })).toEqual(expected)
    }).pipe(Effect.provide(layer())),
  )
})

describe("while it renders", () => {
  const many = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [`f${String(index).padStart(2, "0")}.txt.hbs`, "{{label}}"]),
  )

  it.scopedLive("progress is told file by file, in order", () =>
    Effect.gen(function* () {
      yield* template(many)
      const resolved = yield* resolve()
      const destination = yield* emptyDirectory
      const told: Array<string> = []
      const progress = (current: number, total: number, file: string) =>
        Effect.sync(() => {
          expect(fs.existsSync(join(destination, file))).toBe(true)
          told.push(`${current}/${total} ${file}`)
        })
      const { files } = yield* renderInto(resolved, { destination, progress })
      expect(told).toEqual(files.map(({ path }, index) => `${index + 1}/51 ${path}`))
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("an interruption ends it between two files", () =>
    Effect.gen(function* () {
      yield* template(many)
      const resolved = yield* resolve()
      const destination = yield* emptyDirectory
      const reached = yield* Deferred.make<void>()
      const progress = (current: number) =>
        current === 20 ? Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never) : Effect.void
      const fiber = yield* Effect.fork(renderInto(resolved, { destination, progress }))
      yield* Deferred.await(reached)
      const exit = yield* Fiber.interrupt(fiber)
      expect(Exit.isInterrupted(exit)).toBe(true)
      const written = Object.values(readTree(destination))
      expect(written.length).toBeGreaterThanOrEqual(19)
      expect(written.length).toBeLessThan(50)
      expect(new Set(written)).toEqual(new Set(["First look"]))
    }).pipe(Effect.provide(layer())),
  )
})

describe("a render fails", () => {
  const failing = (
    files: Readonly<Record<string, string>>,
    variables: Readonly<Record<string, never>> | object,
    pluginVariables: ReadonlyArray<string> = ["data"],
  ) =>
    Effect.gen(function* () {
      yield* template(files)
      const resolved = yield* resolve("t", pluginVariables)
      const destination = yield* emptyDirectory
      const error = yield* Effect.flip(renderInto(resolved, { destination, answers: variables as never }))
      return { message: error.message, error, tree: readTree(destination) }
    })

  it.scopedLive("where a value is missing, with file, line and name", () =>
    Effect.gen(function* () {
      const { message, error } = yield* failing(
        { "sub/a.txt.hbs": "\n\n{{#if data.b}}x{{/if}}" },
        { data: {} },
      )
      expect(message).toBe("t/sub/a.txt.hbs:3: `data.b` is missing: there is no `b`")
      expect(error).toMatchObject({
        _tag: "TemplateRenderFailed",
        template: "t",
        file: "sub/a.txt.hbs",
        line: 3,
      })
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("where a plugin's variable that is used was not given", () =>
    Effect.gen(function* () {
      const { message } = yield* failing({ "a.txt.hbs": "{{data}}" }, {})
      expect(message).toBe("t/a.txt.hbs:1: `data` is missing: there is no `data`")
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("in a partial, with the partial's file", () =>
    Effect.gen(function* () {
      const files = { "a.txt.hbs": "{{#each data}}{{> row}}{{/each}}", "_partials/row.hbs": "x\n{{well}}" }
      const { message } = yield* failing(files, { data: [{ well: "A1" }, {}] })
      expect(message).toBe("t/_partials/row.hbs:2: `well` is missing: there is no `well`")
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("where one file gets too large, before it takes the memory", () =>
    Effect.gen(function* () {
      const files = { "a.txt.hbs": "{{#each data}}{{#each @root.data}}{{@root.label}}{{/each}}{{/each}}" }
      const { message } = yield* failing(files, { data: Array.from({ length: 1000 }, () => 0) })
      expect(message).toBe("t/a.txt.hbs:1: the output grows beyond the limit of 1048576 bytes")
    }).pipe(Effect.provide(layer({ templates: { maxFileMib: 1, maxTotalMib: 3 } }))),
  )

  it.scopedLive("where the tree gets too large, copies included", () =>
    Effect.gen(function* () {
      const text = "{{#each data}}{{this}}{{/each}}"
      const names = ["b", "c", "d"].map((name) => [`${name}.txt.hbs`, text])
      const files = { "a.bin": "x".repeat(600_000), ...Object.fromEntries(names) }
      const { message } = yield* failing(files, {
        data: Array.from({ length: 1000 }, () => "x".repeat(1000)),
      })
      // The answers file holds the list, too.
      expect(message).toBe("t/c.txt.hbs: the tree grows beyond the limit of 3145728 bytes")
    }).pipe(Effect.provide(layer({ templates: { maxFileMib: 1, maxTotalMib: 3 } }))),
  )

  it.scopedLive("where the copies alone are too large, before anything is written", () =>
    Effect.gen(function* () {
      const { message, tree } = yield* failing({ "a/b.bin": "x".repeat(1_100_000) }, {})
      expect(message).toBe("t/: the tree grows beyond the limit of 1048576 bytes")
      expect(tree).toEqual({})
    }).pipe(Effect.provide(layer({ templates: { maxFileMib: 1, maxTotalMib: 1 } }))),
  )

  it.scopedLive("where a value is no plain data, and no function in it is called", () =>
    Effect.gen(function* () {
      let called = false
      const call = () => {
        called = true
        return "x"
      }
      const { message } = yield* failing(
        { "a.txt.hbs": "{{json data}}" },
        { data: { toJSON: call, toString: call } },
      )
      expect(message).toContain("toJSON is a function")
      expect(called).toBe(false)
    }).pipe(Effect.provide(layer())),
  )
})
