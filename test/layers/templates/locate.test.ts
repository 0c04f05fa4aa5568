import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { describe } from "vitest"
import { Settings } from "../../../src/ports/Settings.ts"
import { TemplateEngine } from "../../../src/ports/TemplateEngine.ts"
import { emptyDirectory, layer, manifest, operations, template, writeFiles } from "./engine.ts"

const locate = (path: string, equipmentId = "CONFOCAL_01") =>
  Effect.flatMap(TemplateEngine, (engine) => engine.locate(path, { equipmentId }))

/** The reason why it isn't found, with its problems. */
const refusal = (path: string, equipmentId?: string) =>
  Effect.map(Effect.flip(locate(path, equipmentId)), ({ reason, problems }) =>
    [reason, ...problems].join(" | "),
  )

const roots = Effect.map(Settings, ({ paths }) => ({
  global: paths.templatesDir,
  own: join(paths.localRoot, "CONFOCAL_01", ".exlab-wizard", "templates"),
}))

const notFound = "is neither the name of a template nor a path inside a folder of templates"

describe("a template is found", () => {
  it.scopedLive("by name: beside the shelves and on them", () =>
    Effect.gen(function* () {
      const { global } = yield* roots
      for (const path of ["a", "projects/b", "runs/c"]) {
        writeFiles(join(global, path), { "template.yaml": manifest() })
        const located = yield* locate(path.slice(path.lastIndexOf("/") + 1))
        expect(located).toMatchObject({
          root: join(global, path),
          origin: "global",
          manifest: { version: "1.0" },
        })
      }
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("on the equipment's own shelf before the global one", () =>
    Effect.gen(function* () {
      const { global, own } = yield* roots
      writeFiles(join(global, "a"), { "template.yaml": manifest() })
      writeFiles(join(own, "runs/a"), { "template.yaml": manifest() })
      expect(yield* locate("a")).toMatchObject({ root: join(own, "runs/a"), origin: "equipment" })
      expect(yield* locate("a", "OTHER")).toMatchObject({ origin: "global" })
      // Nobody's folder is reached by an id that isn't one.
      expect(yield* locate("a", "../CONFOCAL_01")).toMatchObject({ origin: "global" })
      expect(yield* locate("a", "OTHER/../CONFOCAL_01")).toMatchObject({ origin: "global" })
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("or the error says where was looked and what is there: ten names of each folder", () =>
    Effect.gen(function* () {
      const { global, own } = yield* roots
      fs.rmSync(global, { recursive: true })
      expect(yield* refusal("x")).toBe(`${notFound} | there is no folder of templates: see the settings`)
      for (let n = 0; n < 9; n += 1) writeFiles(join(global, `runs/r${n}`), { "template.yaml": manifest() })
      writeFiles(global, {
        "a/template.yaml": "",
        "projects/b/template.yaml": "",
        ".git/HEAD": "",
        "c.txt": "",
      })
      writeFiles(own, { "projects/c.txt": "" })
      expect(yield* refusal("x")).toBe(
        [
          notFound,
          `in ${own} there are none`,
          `in ${global} there are a, b, r0, r1, r2, r3, r4, r5, r6, r7 and 1 more`,
        ].join(" | "),
      )
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("by a path inside a root, relative or absolute, through links that stay inside", () =>
    Effect.gen(function* () {
      const { global, own } = yield* roots
      writeFiles(global, { "deep/er/a/template.yaml": manifest(), link: { link: "deep/er/a" } })
      writeFiles(own, { "b/template.yaml": manifest() })
      const root = join(global, "deep/er/a")
      for (const path of [
        "deep/er/a",
        "./deep/er/a/",
        "deep/../deep/er/a",
        root,
        join(global, "link"),
        "link",
      ]) {
        expect([path, (yield* locate(path)).root]).toEqual([path, root])
      }
      expect(yield* locate(join(own, "b"))).toMatchObject({ origin: "equipment" })
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("where the root itself is a link", () =>
    Effect.gen(function* () {
      const { global } = yield* roots
      const elsewhere = yield* emptyDirectory
      writeFiles(elsewhere, { "a/template.yaml": manifest() })
      fs.rmdirSync(global)
      fs.symlinkSync(elsewhere, global)
      expect(yield* locate("a")).toMatchObject({ root: join(elsewhere, "a") })
      expect(yield* locate(join(global, "a"))).toMatchObject({ root: join(elsewhere, "a") })
    }).pipe(Effect.provide(layer())),
  )
})

describe("nothing else is found, and nothing of it is read", () => {
  it.scopedLive("what lies outside, however it is spelled", () =>
    Effect.gen(function* () {
      const { global } = yield* roots
      const outside = yield* emptyDirectory
      writeFiles(outside, { "template.yaml": manifest() })
      writeFiles(global, {
        "a/template.yaml": manifest(),
        out: { link: outside },
        "chain/1": { link: "../out" },
        "chain/2": { link: "1" },
        "shelf/parent": { link: ".." },
        circle: { link: "circle" },
        dangling: { link: "nowhere" },
      })
      const up = `../${outside
        .split("/")
        .map(() => "..")
        .join("/")}${outside}`
      const spellings = [
        "",
        ".",
        "..",
        "/",
        "nope",
        outside,
        up,
        `a/${up}`,
        "..%2fa",
        "%2e%2e/a",
        "..\\a",
        "a\0",
        "a\0/../b",
        "a\n",
        "\ud800",
        "out",
        "out/",
        "chain/2",
        "chain/2/",
        "shelf/parent",
        "circle",
        "dangling",
        global,
        `${global}x`,
        "x".repeat(5000),
        "x/".repeat(1500),
        "a/../../templates/../x",
      ]
      for (const path of spellings) {
        const done = yield* operations(
          Effect.map(refusal(path), (reason) =>
            expect([path, reason.startsWith(notFound)]).toEqual([path, true]),
          ),
        )
        // The folders of templates themselves are listed, to say what there is.
        const own = [global, join(global, "projects"), join(global, "runs")]
        expect(
          done.filter(
            ({ name, paths }) => name !== "realPath" && !(name === "list" && own.includes(paths[0] ?? "")),
          ),
        ).toEqual([])
      }
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("a folder without a manifest, or whose manifest is no file of its own", () =>
    Effect.gen(function* () {
      const { global } = yield* roots
      const outside = yield* emptyDirectory
      writeFiles(outside, { "secret.yaml": manifest() })
      writeFiles(global, {
        "empty/x": "",
        "folder/template.yaml/x": "",
        "linked/template.yaml": { link: join(outside, "secret.yaml") },
        "inside/template.yaml": { link: "real.yaml" },
        "inside/real.yaml": manifest(),
        "projects/p/template.yaml": manifest(),
      })
      const none = "has no manifest that can be used | template.yaml is not there"
      expect(yield* refusal("empty")).toBe(none)
      expect(yield* refusal("projects/p/template.yaml")).toBe(none)
      expect(yield* refusal("folder")).toBe("has no manifest that can be used | template.yaml is not a file")
      expect(yield* refusal("linked")).toContain("is a link that leads out of the template")
      expect((yield* locate("inside")).manifest.name).toBe("t")
      expect(yield* refusal("projects")).toContain(notFound)
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("a name that several templates have", () =>
    Effect.gen(function* () {
      const { global } = yield* roots
      writeFiles(global, { "projects/a/template.yaml": manifest(), "runs/a/template.yaml": manifest() })
      expect(yield* refusal("a")).toBe("is the name of several templates; say which | projects/a | runs/a")
      expect((yield* locate("runs/a")).root).toBe(join(global, "runs/a"))
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("where there are no template folders at all", () =>
    Effect.gen(function* () {
      fs.rmdirSync((yield* roots).global)
      expect(yield* refusal("a")).toContain(notFound)
    }).pipe(Effect.provide(layer())),
  )
})

it.scopedLive("an edited manifest is read again, another one isn't", () =>
  Effect.gen(function* () {
    const path = yield* template({})
    yield* locate("t")
    const again = yield* operations(locate("t"))
    expect(again.filter(({ name }) => name === "readFile")).toEqual([])
    fs.writeFileSync(join(path, "template.yaml"), manifest().replace("1.0", "2.0"))
    expect((yield* locate("t")).manifest.version).toBe("2.0")
  }).pipe(Effect.provide(layer())),
)
