import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { flushTree, makeDirectoriesDurably, removeTree } from "../../../layers/disk/trees.ts"
import { Action, DiskFaults, layer, type Operation } from "../../support/FaultDisk.ts"
import { ownersRights } from "../../support/ownersRights.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { makePipe, onDisk } from "./support.ts"

const faulty = Layer.provide(layer, NodeDisk.layer)

type Node = "file" | "link" | { readonly [name: string]: Node }

const { tree } = fc.letrec<{ tree: { readonly [name: string]: Node }; node: Node }>((tie) => ({
  tree: fc.dictionary(fc.stringMatching(/^[a-c]{1,2}$/), tie("node"), { maxKeys: 4 }),
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("file" as const, "link" as const),
    tie("tree"),
  ),
}))

const build = (path: string, node: Node): void => {
  if (node === "file") return fs.writeFileSync(path, path)
  if (node === "link") return fs.symlinkSync("/", path)
  fs.mkdirSync(path)
  for (const [name, child] of Object.entries(node)) build(`${path}/${name}`, child)
}

const pathsOf = (path: string, node: Node): ReadonlyArray<string> =>
  node === "link"
    ? []
    : [
        path,
        ...(node === "file"
          ? []
          : Object.entries(node).flatMap(([name, child]) => pathsOf(`${path}/${name}`, child))),
      ]

it.scopedLive.prop(
  "any tree is flushed whole, contents before their directory, and removed whole",
  [tree],
  ([root]) =>
    Effect.gen(function* () {
      const dir = yield* temporaryDirectory
      build(`${dir}/tree`, root)
      const faults = yield* DiskFaults
      yield* faults.arm(() => Action.Pass())
      yield* flushTree(`${dir}/tree`)
      const flushed = (yield* faults.disarm)
        .filter(({ name }) => name === "flush")
        .map(({ paths }) => paths[0] ?? "")
      expect([...flushed].sort()).toEqual([...pathsOf(`${dir}/tree`, root)].sort())
      const tooEarly = flushed.filter((path, index) =>
        flushed.slice(index).some((later) => later.startsWith(`${path}/`)),
      )
      expect(tooEarly).toEqual([])
      yield* removeTree(`${dir}/tree`)
      expect(fs.readdirSync(dir)).toEqual([])
    }).pipe(Effect.provide(faulty)),
  { fastCheck: { numRuns: 60 } },
)

onDisk("removal follows no link and takes what only looks like a directory", (_, dir) =>
  Effect.gen(function* () {
    fs.mkdirSync(`${dir}/outside/inner`, { recursive: true })
    fs.mkdirSync(`${dir}/tree`)
    fs.symlinkSync("../outside", `${dir}/tree/link`)
    fs.symlinkSync(".", `${dir}/tree/loop`)
    makePipe(`${dir}/tree/pipe`)
    fs.writeFileSync(Buffer.concat([Buffer.from(`${dir}/tree/`), Buffer.of(0xff)]), "")
    yield* removeTree(`${dir}/tree`)
    expect(fs.readdirSync(dir)).toEqual(["outside"])
    expect(fs.readdirSync(`${dir}/outside`)).toEqual(["inner"])
    fs.symlinkSync("outside", `${dir}/link`)
    fs.writeFileSync(`${dir}/file`, "")
    for (const name of ["link", "file", "absent"]) yield* removeTree(`${dir}/${name}`)
    expect(fs.readdirSync(dir)).toEqual(["outside"])
    expect(fs.readdirSync(`${dir}/outside`)).toEqual(["inner"])
  }),
)

onDisk("a tree whose paths are longer than any path may be is removed, too", (_, dir) =>
  Effect.gen(function* () {
    const long = Array.from({ length: 12 }, () => "x".repeat(250)).join("/")
    fs.mkdirSync(`${dir}/tree/${long}`, { recursive: true })
    for (const n of [1, 2]) {
      fs.mkdirSync(`${dir}/other/${long}`, { recursive: true })
      fs.writeFileSync(`${dir}/other/${long}/file`, "")
      fs.renameSync(`${dir}/tree`, `${dir}/other/${long}/tree-${n}`)
      fs.renameSync(`${dir}/other`, `${dir}/tree`)
    }
    yield* removeTree(`${dir}/tree`)
    expect(fs.readdirSync(dir)).toEqual([])
  }),
)

it.scopedLive("no directory's mode keeps its owner from removing it", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const faults = yield* DiskFaults
    const lock = (path: string, mode: number) => fs.chmodSync(`${dir}/${path}`, mode)
    for (const mode of [0o000, 0o100, 0o300, 0o400, 0o500, 0o600]) {
      fs.mkdirSync(`${dir}/tree/outer/inner/empty`, { recursive: true })
      for (const path of ["tree/file", "tree/outer/inner/file"]) fs.writeFileSync(`${dir}/${path}`, "")
      for (const path of ["tree/outer/inner/empty", "tree/outer/inner", "tree/outer", "tree"])
        lock(path, mode)
      yield* faults.arm(ownersRights(`${dir}/tree`))
      yield* removeTree(`${dir}/tree`)
      expect(fs.readdirSync(dir)).toEqual([])
    }
  }).pipe(Effect.provide(faulty)),
)

it.scopedLive("a directory that stays locked is a typed error", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const faults = yield* DiskFaults
    fs.mkdirSync(`${dir}/tree/inner`, { recursive: true })
    yield* faults.arm(({ name }) =>
      name === "removeDirectory" ? Action.FailBefore({ errno: "EACCES" }) : Action.Pass(),
    )
    expect(yield* Effect.flip(removeTree(`${dir}/tree`))).toMatchObject({ errno: "EACCES" })
    expect((yield* faults.disarm).length).toBeLessThan(20)
  }).pipe(Effect.provide(faulty)),
)

onDisk("several may remove the same tree at the same time", (_, dir) =>
  Effect.gen(function* () {
    for (let n = 0; n < 200; n++) fs.mkdirSync(`${dir}/tree/${n % 7}/${n}/deep`, { recursive: true })
    yield* Effect.forEach([1, 2, 3], () => removeTree(`${dir}/tree`), { concurrency: 3 })
    expect(fs.existsSync(`${dir}/tree`)).toBe(false)
  }),
)

const first = (name: Operation["name"], effect: () => void) => {
  let done = false
  return (operation: Operation): Action => {
    if (done || operation.name !== name) return Action.Pass()
    done = true
    return Action.RunBefore({ effect: Effect.sync(effect) })
  }
}

it.scopedLive("entries that come, go or turn into others meanwhile are removed, too", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const faults = yield* DiskFaults
    const inner = `${dir}/tree/inner`
    const plans = [
      first("removeDirectory", () => fs.writeFileSync(`${inner}/late`, "")),
      first("removeDirectory", () => fs.rmSync(inner, { recursive: true })),
      first("removeFile", () => {
        fs.rmSync(`${inner}/file`)
        fs.mkdirSync(`${inner}/file/below`, { recursive: true })
      }),
      first("removeDirectory", () => {
        fs.rmSync(inner, { recursive: true })
        fs.writeFileSync(inner, "")
      }),
    ]
    for (const plan of plans) {
      fs.mkdirSync(inner, { recursive: true })
      fs.writeFileSync(`${inner}/file`, "")
      yield* faults.arm(plan)
      yield* removeTree(`${dir}/tree`)
      expect(fs.readdirSync(dir)).toEqual([])
    }
  }).pipe(Effect.provide(faulty)),
)

it.scopedLive("what can't be removed is a typed error after a few tries", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const faults = yield* DiskFaults
    fs.mkdirSync(`${dir}/${Array.from({ length: 20 }, () => "deeper").join("/")}`, { recursive: true })
    yield* faults.arm(({ name }) =>
      name === "removeDirectory" ? Action.FailBefore({ errno: "EPERM" }) : Action.Pass(),
    )
    const error = yield* Effect.flip(removeTree(`${dir}/deeper`))
    expect(error).toMatchObject({ _tag: "DiskError", op: "removeDirectory", errno: "EPERM" })
    expect((yield* faults.disarm).length).toBeLessThan(200)
  }).pipe(Effect.provide(faulty)),
)

it.scopedLive("directories that had to be made are named, innermost first, and their entries flushed", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    const faults = yield* DiskFaults
    yield* faults.arm(() => Action.Pass())
    expect(yield* makeDirectoriesDurably(`${dir}/a/b/c`)).toEqual([`${dir}/a/b/c`, `${dir}/a/b`, `${dir}/a`])
    const flushed = (yield* faults.disarm)
      .filter(({ name }) => name === "flush")
      .flatMap(({ paths }) => paths)
    expect(flushed).toEqual([`${dir}/a/b`, `${dir}/a`, dir])
    expect(yield* makeDirectoriesDurably(`${dir}/a/b`)).toEqual([])
  }).pipe(Effect.provide(faulty)),
)
