import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Clock, Effect, Layer, Option } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { removeTree } from "../../../../layers/disk/trees.ts"
import { copyTree } from "../../../../layers/plugins/tree/copyTree.ts"
import { digestOf, imageOf, roomFor, type TreeImage } from "../../../../layers/plugins/tree/TreeImage.ts"
import { Disk, type FileInfo } from "../../../../src/ports/Disk.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { ownersRights } from "../../../support/ownersRights.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { makePipe, onDisk } from "../../disk/support.ts"
import { build, buildRoot, directory, file, link, type Tree } from "./model.ts"
import { entry, expected, faultyDisk, told } from "./support.ts"

/** The operations on files, with some of them done otherwise; counted. */
const altered = (alter: (disk: typeof Disk.Service) => Partial<typeof Disk.Service>) =>
  FaultDisk.layer.pipe(
    Layer.provide(
      Layer.effect(
        Disk,
        Effect.map(Disk, (disk) => ({ ...disk, ...alter(disk) })),
      ),
    ),
    Layer.provide(NodeDisk.layer),
  )

onDisk("an image tells types, modes, contents and links, and follows none", (_, dir) =>
  Effect.gen(function* () {
    const tree: Tree = {
      b: directory({ "stray\udcff": file("one"), link: link("/etc") }, 0o750),
      "b-": file("sorted between b and what is in it", 0o444),
      a: link("b"),
    }
    build(dir, tree)
    makePipe(`${dir}/pipe`)
    fs.linkSync(`${dir}/b-`, `${dir}/second`)
    const image = yield* imageOf(dir)
    expect([...image.keys()]).toEqual(["a", "b", "b-", "b/link", "b/stray\udcff", "pipe", "second"])
    expect(told(image).filter(([path]) => path !== "pipe" && path !== "second")).toEqual(expected(tree))
    expect(image.get("pipe")).toMatchObject({ type: "other", sha256: null, target: null })
    expect(image.get("second")).toMatchObject({ links: 2, identity: image.get("b-")?.identity })
    const copy = `${dir}/a copy`
    expect(yield* Effect.flip(copyTree(dir, image, copy))).toMatchObject({ op: "copyFile", errno: "EINVAL" })
    expect(fs.existsSync(copy)).toBe(false)
  }),
)

onDisk("a copy takes no place that is taken", (_, dir) =>
  Effect.gen(function* () {
    buildRoot(`${dir}/tree`, { a: file("one") })
    buildRoot(`${dir}/copy`, { b: file("two") })
    const image = yield* imageOf(`${dir}/tree`)
    expect(yield* Effect.flip(copyTree(`${dir}/tree`, image, `${dir}/copy`))).toMatchObject({
      errno: "EEXIST",
    })
    expect(fs.readdirSync(`${dir}/copy`)).toEqual(["b"])
  }),
)

it.scopedLive("what an owner locked is opened, and nothing else is changed", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const faults = yield* FaultDisk.DiskFaults
    const tree: Tree = {
      locked: directory({ deeper: directory({ file: file("one", 0) }, 0o100) }, 0),
      "read-only": file("two", 0o444),
      "read-only folder": directory({}, 0o555),
    }
    buildRoot(`${dir}/tree`, tree)
    fs.chmodSync(`${dir}/tree`, 0o300)
    yield* faults.arm(ownersRights(`${dir}/tree`))
    expect(told(yield* imageOf(`${dir}/tree`))).toEqual(expected(tree))
    expect(fs.lstatSync(`${dir}/tree/read-only`).mode & 0o777).toBe(0o444)
    expect(fs.lstatSync(`${dir}/tree/read-only folder`).mode & 0o777).toBe(0o555)
    yield* removeTree(`${dir}/tree`)
  }).pipe(Effect.provide(faultyDisk)),
)

onDisk("a second name of a file that can't be read is refused, and its mode left alone", (_, dir) =>
  Effect.gen(function* () {
    buildRoot(`${dir}/tree`, {})
    fs.writeFileSync(`${dir}/outside`, "secret")
    fs.chmodSync(`${dir}/outside`, 0)
    fs.linkSync(`${dir}/outside`, `${dir}/tree/hard`)
    expect(yield* Effect.flip(imageOf(`${dir}/tree`))).toMatchObject({
      _tag: "TreeUnusable",
      reason: 'has a hard link that can\'t be read, "hard"',
    })
    expect(fs.lstatSync(`${dir}/outside`).mode & 0o777).toBe(0)
  }),
)

onDisk("trees too deep and paths too long are refused, not walked", (_, dir) =>
  Effect.gen(function* () {
    fs.mkdirSync(`${dir}/deep/${Array.from({ length: 100 }, () => "d").join("/")}`, { recursive: true })
    expect((yield* imageOf(`${dir}/deep`)).size).toBe(100)
    fs.mkdirSync(`${dir}/deep/${Array.from({ length: 101 }, () => "d").join("/")}`, { recursive: true })
    expect(yield* Effect.flip(imageOf(`${dir}/deep`))).toMatchObject({
      reason: "is nested deeper than 100 directories",
    })
    const long = Array.from({ length: 10 }, () => "x".repeat(250)).join("/")
    fs.mkdirSync(`${dir}/tree/${long}`, { recursive: true })
    fs.mkdirSync(`${dir}/other/${long}`, { recursive: true })
    fs.renameSync(`${dir}/tree`, `${dir}/other/${long}/tree`)
    expect(yield* Effect.flip(imageOf(`${dir}/other`))).toMatchObject({
      reason: "has a path that is too long for the system",
    })
    yield* removeTree(`${dir}/other`)
  }),
)

const names = (count: number, length: number) =>
  Effect.succeed(
    Array.from({ length: count }, (_, n) => ({
      name: String(n).padStart(length, "0"),
      type: "file" as const,
    })),
  )

const looksLike =
  (change: (info: FileInfo, now: number) => Partial<FileInfo>) => (disk: typeof Disk.Service) => ({
    lstat: (path: string) =>
      Effect.zipWith(disk.lstat(path), Clock.currentTimeMillis, (found, now) =>
        Option.map(found, (info): FileInfo => ({ ...info, ...change(info, now) })),
      ),
  })

const crowds: ReadonlyArray<readonly [string, (disk: typeof Disk.Service) => Partial<typeof Disk.Service>]> =
  [
    ["has more than 100000 entries", () => ({ list: () => names(100_001, 6) })],
    [
      "has too much text in its names and links",
      (disk) => ({
        list: () => names(50_000, 700),
        lstat: () => looksLike(() => ({ type: "symlink" }))(disk).lstat("/"),
        readLink: () => Effect.succeed("x"),
      }),
    ],
    [
      'has too many entries in "folder"',
      looksLike(({ type }) => (type === "directory" ? { size: 2 ** 27 } : {})),
    ],
  ]

it.scopedLive.each(crowds)("a tree that %s is refused", ([reason, alter]) =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    fs.mkdirSync(`${dir}/folder`)
    expect(yield* Effect.flip(imageOf(dir))).toMatchObject({ _tag: "TreeUnusable", reason })
  }).pipe(Effect.provide(altered(alter))),
)

/** The files that are read for an image of a tree that was looked at before, and changed in between. */
const readAgain = (age: number) =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const faults = yield* FaultDisk.DiskFaults
    build(dir, { a: file("one"), b: directory({ c: file("two") }) })
    const former = yield* imageOf(dir)
    fs.writeFileSync(`${dir}/a`, "new")
    yield* faults.arm(() => FaultDisk.Action.Pass())
    const image = yield* imageOf(dir, former)
    const read = (yield* faults.disarm).filter(({ name }) => name === "hashFile")
    expect(digestOf(image) === digestOf(yield* imageOf(dir))).toBe(age < 1_000_000)
    return read.map(({ paths }) => paths[0]?.slice(dir.length + 1))
  }).pipe(
    // A clock so coarse that no change shows in the stamp.
    Effect.provide(
      altered(looksLike(({ identity }, now) => ({ stamp: identity, changedMillis: now - age }))),
    ),
  )

it.scopedLive("a file is only taken for the same when another change would show", () =>
  Effect.gen(function* () {
    expect(yield* readAgain(500)).toEqual(["a", "b/c"])
    expect(yield* readAgain(1_000_000)).toEqual([])
  }),
)

it.scopedLive("of a tree that was looked at before, only files with new stamps are read", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const faults = yield* FaultDisk.DiskFaults
    build(dir, { a: file("one"), b: directory({ c: file("two") }) })
    const former = yield* imageOf(dir)
    fs.writeFileSync(`${dir}/a`, "new")
    yield* faults.arm(() => FaultDisk.Action.Pass())
    const image = yield* imageOf(dir, former)
    const read = (yield* faults.disarm).filter(({ name }) => name === "hashFile")
    expect(read.map(({ paths }) => paths)).toEqual([[`${dir}/a`]])
    expect(digestOf(image)).toBe(digestOf(yield* imageOf(dir)))
  }).pipe(Effect.provide(altered(looksLike((_, now) => ({ changedMillis: now - 1_000_000 }))))),
)

it("digests differ when names, types, modes, contents or links do", () => {
  const image = (path: string, fields: Parameters<typeof entry>[0]): TreeImage =>
    new Map([[path, entry({ sha256: "00", ...fields })]])
  const images = [
    image("a", {}),
    image("b", {}),
    image("a", { sha256: "01" }),
    image("a", { mode: 0o755 }),
    image("a", { type: "directory", sha256: null }),
    image("a", { type: "symlink", sha256: null, target: "b" }),
    image("a", { type: "symlink", sha256: null, target: "c" }),
    image("a\udcff", {}),
    image("a\udcfe", {}),
    new Map(),
  ]
  expect(new Set(images.map(digestOf)).size).toBe(images.length)
  const unseen = image("a", { stamp: "another", identity: "another", links: 2 })
  expect(digestOf(unseen)).toBe(digestOf(image("a", {})))
})

it("room is made for whole blocks of every file, and for the entries", () => {
  const image: TreeImage = new Map([
    ["a", entry({ type: "directory", size: 10_000 })],
    ["a/b", entry({ size: 1 })],
    ["a/c", entry({ size: 8192 })],
  ])
  expect(roomFor(image)).toBe(3 * 4096 + 3 * 4096)
  expect(roomFor(new Map())).toBe(0)
})
