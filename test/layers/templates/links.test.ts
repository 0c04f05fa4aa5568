import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { describe } from "vitest"
import { emptyDirectory, layer, loadProblems, manifest, operations, render, template } from "./engine.ts"

describe("links", () => {
  it.scopedLive("that stay in the template are followed, for files, directories and partials", () =>
    Effect.gen(function* () {
      yield* template({
        "a.txt.hbs": "{{> p}}",
        "b.txt.hbs": { link: "a.txt.hbs" },
        "sub/c.bin": { link: "../data" },
        data: "bytes",
        dir: { link: "sub" },
        "real/p.hbs": "[{{label}}]",
        _partials: { link: "real" },
      })
      expect((yield* render()).tree).toEqual({
        "a.txt": "[First look]",
        "b.txt": "[First look]",
        data: "bytes",
        "dir/": "",
        "dir/c.bin": "bytes",
        "real/": "",
        "real/p": "[First look]",
        "sub/": "",
        "sub/c.bin": "bytes",
      })
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive(
    "that lead out, nowhere or round in a circle are refused, and nothing behind them is read",
    () =>
      Effect.gen(function* () {
        const outside = yield* emptyDirectory
        fs.writeFileSync(join(outside, "secret"), "secret")
        fs.symlinkSync(join(outside, "secret"), join(outside, "hop"))
        const path = yield* template({
          file: { link: join(outside, "secret") },
          dir: { link: outside },
          relative: { link: `../../../..${outside}/secret` },
          chain1: { link: "chain2" },
          chain2: { link: "sub/chain3" },
          "sub/chain3": { link: join(outside, "hop") },
          "_partials/p.hbs": { link: join(outside, "secret") },
          "_partials/all": { link: "/" },
          self: { link: "self" },
          gone: { link: "nowhere" },
          "loop/back": { link: ".." },
          "loop/here": { link: "." },
        })
        const out = "is a link that leads out of the template"
        const nowhere = "is a link that leads nowhere"
        const circle = "is a link to a directory that it lies in"
        const expected = [
          ...["_partials/all", "_partials/p.hbs", "chain1", "chain2", "dir", "file"].map(
            (file) => `${file} ${out}`,
          ),
          `gone ${nowhere}`,
          `loop/back ${circle}`,
          `loop/here ${circle}`,
          `relative ${out}`,
          `self ${nowhere}`,
          `sub/chain3 ${out}`,
        ]
        const done = yield* operations(Effect.map(loadProblems(), (found) => expect(found).toEqual(expected)))
        const read = done.filter(({ name }) => name !== "realPath").flatMap(({ paths }) => paths)
        expect(read.filter((touched) => !touched.startsWith(path))).toEqual([])
      }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("and what is neither file nor directory is refused without being opened", () =>
    Effect.gen(function* () {
      const path = yield* template({ a: "x" })
      execFileSync("mkfifo", [join(path, "pipe"), join(path, "pipe.hbs")])
      const message = "is neither a file nor a directory"
      expect(yield* loadProblems()).toEqual([`pipe ${message}`, `pipe.hbs ${message}`])
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("that multiply directories are stopped by the number of files", () =>
    Effect.gen(function* () {
      const files: Record<string, { readonly link: string } | string> = { "d0/x": "x" }
      for (let level = 1; level < 20; level += 1) {
        files[`d${level}/a`] = { link: `../d${level - 1}` }
        files[`d${level}/b`] = { link: `../d${level - 1}` }
      }
      yield* template(files)
      expect(yield* loadProblems()).toEqual(["has more than 1000 files and directories"])
    }).pipe(Effect.provide(layer({ templates: { maxFiles: 1000 } }))),
  )
})

describe("the size of a template is bounded", () => {
  it.scopedLive("in files and in depth", () =>
    Effect.gen(function* () {
      yield* template(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, ""])))
      expect(yield* loadProblems()).toEqual(["has more than 20 files and directories"])
      yield* template({ [`${"d/".repeat(5)}x`]: "" }, { name: "u", manifest: manifest("", "u") })
      expect(yield* loadProblems("u")).toEqual(["d/d/d/d/d is nested deeper than 4 directories"])
      yield* template({ [`${"d/".repeat(4)}x`]: "" }, { name: "v", manifest: manifest("", "v") })
      expect(yield* loadProblems("v")).toEqual([])
    }).pipe(Effect.provide(layer({ templates: { maxFiles: 20, maxDepth: 4 } }))),
  )
})
