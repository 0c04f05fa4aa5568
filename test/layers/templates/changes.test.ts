import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Clock, Effect, Option } from "effect"
import { describe } from "vitest"
import type { Disk, FileInfo } from "../../../src/ports/Disk.ts"
import {
  emptyDirectory,
  type Files,
  layer,
  loadProblems,
  operations,
  readTree,
  render,
  renderInto,
  resolve,
  template,
} from "./engine.ts"

/** A file system whose clock is so coarse that no change shows in the stamp. */
const coarse =
  (age: number) =>
  (disk: typeof Disk.Service): Partial<typeof Disk.Service> => ({
    lstat: (path) =>
      Effect.gen(function* () {
        const modifiedMillis = (yield* Clock.currentTimeMillis) - age
        return Option.map(yield* disk.lstat(path), (info): FileInfo => ({
          ...info,
          stamp: "same",
          modifiedMillis,
        }))
      }),
  })

describe("where a change doesn't show in a file's times", () => {
  const edit = (path: string) => {
    const file = join(path, "a.txt.hbs")
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("label", "nope!"))
  }

  it.scopedLive("a fresh file isn't trusted, and the change is seen", () =>
    Effect.gen(function* () {
      const path = yield* template({ "a.txt.hbs": "{{label}}" })
      expect(yield* loadProblems()).toEqual([])
      edit(path)
      expect(yield* loadProblems()).toHaveLength(1)
    }).pipe(Effect.provide(layer({}, coarse(1000)))),
  )

  it.scopedLive("one that nobody has touched for a while is trusted", () =>
    Effect.gen(function* () {
      const path = yield* template({ "a.txt.hbs": "{{label}}" })
      expect(yield* loadProblems()).toEqual([])
      edit(path)
      expect(yield* loadProblems()).toEqual([])
    }).pipe(Effect.provide(layer({}, coarse(10_000)))),
  )

  it.scopedLive("a copy of a fresh file is compared with what was checked", () =>
    Effect.gen(function* () {
      const path = yield* template({ data: "before" })
      const resolved = yield* resolve()
      fs.writeFileSync(join(path, "data"), "after!")
      const destination = yield* emptyDirectory
      const error = yield* Effect.flip(renderInto(resolved, { destination }))
      expect(error.message).toBe("t/data: has changed since the template was checked; try again")
    }).pipe(Effect.provide(layer({}, coarse(1000)))),
  )
})

describe("a template that changes between its check and its rendering", () => {
  const changedMessage = "t/data: has changed since the template was checked; try again"

  it.scopedLive.each<[string, (file: string) => void]>([
    ["is written to", (file) => fs.writeFileSync(file, "after")],
    ["goes", (file) => fs.rmSync(file)],
    [
      "becomes a link",
      (file) => {
        fs.rmSync(file)
        fs.symlinkSync("/etc/passwd", file)
      },
    ],
    [
      "becomes a directory",
      (file) => {
        fs.rmSync(file)
        fs.mkdirSync(file)
      },
    ],
  ])("a file to copy %s: the render fails and says so", ([, change]) =>
    Effect.gen(function* () {
      const path = yield* template({ data: "before" })
      const resolved = yield* resolve()
      change(join(path, "data"))
      const destination = yield* emptyDirectory
      const error = yield* Effect.flip(renderInto(resolved, { destination }))
      expect(error.message).toBe(changedMessage)
      const { data } = readTree(destination)
      expect(data === undefined || data === "after").toBe(true)
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("texts are rendered as they were checked: no file of them is read again", () =>
    Effect.gen(function* () {
      const path = yield* template({ "a.txt.hbs": "{{label}}", "_partials/p.hbs": "" })
      const resolved = yield* resolve()
      fs.rmSync(join(path, "a.txt.hbs"))
      const destination = yield* emptyDirectory
      const done = yield* operations(renderInto(resolved, { destination }))
      expect(done.map(({ name }) => name)).toEqual(["createFile", "createFile"])
      expect(readTree(destination)).toEqual({ "a.txt": "First look" })
    }).pipe(Effect.provide(layer())),
  )

  it.scopedLive("an engine that doesn't remember it reads it again, and renders only the same", () =>
    Effect.gen(function* () {
      const path = yield* template({ "a.txt.hbs": "{{label}}" })
      const resolved = yield* resolve()
      const elsewhere = { ...resolved, digest: "0".repeat(64) }
      const destination = yield* emptyDirectory
      const error = yield* Effect.flip(renderInto(elsewhere, { destination }))
      expect(error.message).toBe("t/: has changed since the template was checked; try again")
      const fresh = yield* Effect.provide(renderInto(resolved, { destination }).pipe(Effect.either), layer())
      expect(fresh).toMatchObject({ _tag: "Right" })
      fs.writeFileSync(join(path, "a.txt.hbs"), "{{operator}}")
      const changed = yield* Effect.provide(Effect.flip(renderInto(resolved, { destination })), layer())
      expect(changed.message).toContain("has changed since the template was checked")
    }).pipe(Effect.provide(layer())),
  )
})

it.scopedLive("a rendering costs one operation a text or directory and two a copy", () =>
  Effect.gen(function* () {
    const files: Files = { "a.hbs": "{{label}}", "d/b.hbs": "x", "d/e/c": "bytes", f: "bytes" }
    yield* template(files)
    const resolved = yield* resolve()
    const destination = yield* emptyDirectory
    const done = yield* operations(renderInto(resolved, { destination }))
    const count = (wanted: string) => done.filter(({ name }) => name === wanted).length
    expect([
      done.length,
      count("createFile"),
      count("makeDirectory"),
      count("copyFile"),
      count("lstat"),
    ]).toEqual([9, 3, 2, 2, 2])
    expect((yield* render()).tree["d/e/c"]).toBe("bytes")
  }).pipe(Effect.provide(layer())),
)
