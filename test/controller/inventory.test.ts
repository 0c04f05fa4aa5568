import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { changedInventory, renderedInventory } from "../../src/controller/inventory.ts"
import type { RenderedFile } from "../../src/domain/Template.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex")

const renderedFile = (
  path: string,
  content: string,
  origin: RenderedFile["origin"] = "rendered",
): RenderedFile => ({
  path,
  origin,
  size: Buffer.byteLength(content),
  sha256: sha256(content),
  source: `${path}.hbs`,
})

/** The inventory of a tree that holds these files after plugins ran. */
const inventoryOf = (rendered: ReadonlyArray<RenderedFile>, tree: ReadonlyMap<string, string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      for (const [path, content] of tree) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), content)
      }
      return yield* changedInventory(root, rendered)
    }),
  ).pipe(Effect.provide(NodeDisk.layer))

const origins = (
  files: ReadonlyArray<{ readonly path: string; readonly origin: string; readonly source: string | null }>,
) => files.map(({ path, origin, source }) => [path, origin, source])

describe("the files after plugins", () => {
  const report = renderedFile("report.txt", "cells: 3\n")
  const data = renderedFile("raw/data.bin", "bytes", "copied")

  it.effect("are as they were rendered when nothing was done to them", () =>
    Effect.gen(function* () {
      const found = yield* inventoryOf(
        [report, data],
        new Map([
          ["report.txt", "cells: 3\n"],
          ["raw/data.bin", "bytes"],
        ]),
      )
      expect(found).toEqual([...renderedInventory([report, data])].toReversed())
    }),
  )

  it.effect("keep their origin under another name, and their path's with another content", () =>
    Effect.gen(function* () {
      const found = yield* inventoryOf(
        [report, data],
        new Map([
          ["2026/run-1_report.txt", "cells: 3\n"],
          ["raw/data.bin", "other bytes"],
          ["new.csv", "1\n"],
        ]),
      )
      expect(found).toEqual([
        {
          path: "2026/run-1_report.txt",
          origin: "rendered",
          size: 9,
          sha256Rendered: report.sha256,
          sha256: report.sha256,
          source: "report.txt.hbs",
        },
        {
          path: "new.csv",
          origin: "plugin",
          size: 2,
          sha256Rendered: null,
          sha256: sha256("1\n"),
          source: null,
        },
        {
          path: "raw/data.bin",
          origin: "copied",
          size: 11,
          sha256Rendered: data.sha256,
          sha256: sha256("other bytes"),
          source: "raw/data.bin.hbs",
        },
      ])
    }),
  )

  it.effect("are told apart when two change places", () =>
    Effect.gen(function* () {
      const swapped = new Map([
        ["report.txt", "bytes"],
        ["raw/data.bin", "cells: 3\n"],
      ])
      expect(origins(yield* inventoryOf([report, data], swapped))).toEqual([
        ["raw/data.bin", "rendered", "report.txt.hbs"],
        ["report.txt", "copied", "raw/data.bin.hbs"],
      ])
    }),
  )

  it.effect("that are copies of one that is still there are the plugin's", () =>
    Effect.gen(function* () {
      const copied = new Map([
        ["report.txt", "cells: 3\n"],
        ["copy.txt", "cells: 3\n"],
      ])
      expect(origins(yield* inventoryOf([report], copied))).toEqual([
        ["copy.txt", "plugin", null],
        ["report.txt", "rendered", "report.txt.hbs"],
      ])
    }),
  )

  it.effect("of which two had one content count as rendered when one of them was", () =>
    Effect.gen(function* () {
      const twins = [renderedFile("a.bin", "same", "copied"), renderedFile("b.txt", "same")]
      const moved = new Map([
        ["x.bin", "same"],
        ["y.txt", "same"],
      ])
      expect(origins(yield* inventoryOf(twins, moved))).toEqual([
        ["x.bin", "rendered", "b.txt.hbs"],
        ["y.txt", "rendered", "b.txt.hbs"],
      ])
    }),
  )

  it.effect("leave out the metadata folder, and names that are no files", () =>
    Effect.gen(function* () {
      const tree = new Map([
        [".exlab-wizard/x.json", ""],
        ["a/.exlab-wizard/y.json", ""],
        [".exlab-wizard.txt", ""],
      ])
      expect(origins(yield* inventoryOf([], tree))).toEqual([
        [".exlab-wizard.txt", "plugin", null],
        ["a/.exlab-wizard/y.json", "plugin", null],
      ])
    }),
  )
})

const path = fc.constantFrom("a.txt", "b.txt", "c/d.txt", "c/e.txt", "f.bin")
const content = fc.constantFrom("", "one", "two", "three")

type Change = (tree: Map<string, string>) => void
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(path, path).map(([from, to]): Change => (tree) => {
    const moved = tree.get(from)
    if (moved === undefined) return
    tree.delete(from)
    tree.set(to, moved)
  }),
  fc.tuple(path, path).map(([from, to]): Change => (tree) => {
    const copied = tree.get(from)
    if (copied !== undefined) tree.set(to, copied)
  }),
  fc.tuple(path, content).map(
    ([at, text]): Change =>
      (tree) =>
        void tree.set(at, text),
  ),
  path.map(
    (at): Change =>
      (tree) =>
        void tree.delete(at),
  ),
)

const start = fc.uniqueArray(
  fc.tuple(path, content, fc.constantFrom("rendered" as const, "copied" as const)),
  {
    selector: ([at]) => at,
  },
)

describe("whatever plugins do", () => {
  it.effect.prop(
    "every file is listed as it is, and nothing that came out of expressions goes unscanned",
    [start, fc.array(change, { maxLength: 6 })],
    ([files, changes]) =>
      Effect.gen(function* () {
        const rendered = files.map(([at, text, origin]) => renderedFile(at, text, origin))
        const tree = new Map(files.map(([at, text]) => [at, text]))
        for (const apply of changes) apply(tree)
        const found = yield* inventoryOf(rendered, tree)
        expect(found.map(({ path: at, sha256: hash }) => [at, hash]).toSorted()).toEqual(
          [...tree].map(([at, text]) => [at, sha256(text)]).toSorted(),
        )
        const displaced = files.filter(([at, text]) => tree.get(at) !== text)
        for (const { origin, path: at, sha256Rendered, source } of found) {
          const text = tree.get(at)
          const own = files.find(([name]) => name === at)
          const cameHere = displaced.filter(([, was]) => was === text).map(([, , kind]) => kind)
          if (own?.[1] === text) expect([origin, source]).toEqual([own?.[2], `${at}.hbs`])
          else if (cameHere.length > 0)
            expect(origin).toBe(cameHere.includes("rendered") ? "rendered" : "copied")
          else expect(origin).toBe(own?.[2] ?? "plugin")
          expect(source === null).toBe(origin === "plugin")
          expect(sha256Rendered === null).toBe(origin === "plugin")
        }
      }),
    { fastCheck: { numRuns: 100 } },
  )
})
