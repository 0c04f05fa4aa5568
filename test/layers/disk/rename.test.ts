import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import type { NativeCalls } from "../../../layers/disk/nativeCalls.ts"
import { renameNew } from "../../../layers/disk/renameNew.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { makePipe, onDisk, picture } from "./support.ts"

const makers: Readonly<Record<string, (path: string) => void>> = {
  file: (path) => fs.writeFileSync(path, "stays"),
  "empty directory": (path) => fs.mkdirSync(path),
  "full directory": (path) => fs.mkdirSync(`${path}/inside`, { recursive: true }),
  "dangling link": (path) => fs.symlinkSync("nowhere", path),
  "link to a directory": (path) => fs.symlinkSync(".", path),
  pipe: makePipe,
}

const kinds = Object.keys(makers)

const target = (path: string) => ({ op: "renameNew", path, native: path })

/** The system's own call, and what stands in for it where it is missing. */
const ways: Readonly<Record<string, NativeCalls["renameNew"]>> = {
  "no such call": Option.none(),
  "a kernel without it": Option.some(() => "ENOSYS"),
  "a file system without it": Option.some(() => "EINVAL"),
}

onDisk("renameNew puts nothing in the place of anything", (disk, dir) =>
  Effect.gen(function* () {
    for (const from of kinds) {
      for (const to of kinds) {
        const own = `${dir}/${from} onto ${to}`
        fs.mkdirSync(own)
        makers[from]?.(`${own}/from`)
        makers[to]?.(`${own}/to`)
        const before = picture(own)
        const error = yield* Effect.flip(disk.renameNew(`${own}/from`, `${own}/to`))
        expect({ own, error }).toMatchObject({ error: { _tag: "DestinationExists", path: `${own}/to` } })
        expect(picture(own)).toEqual(before)
      }
    }
  }),
)

for (const [way, call] of Object.entries(ways)) {
  it.scopedLive(`${way}: nor without the system's help`, () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDirectory
      const calls = { flock: () => null, forget: Option.none(), renameNew: call }
      for (const kind of kinds) {
        const own = `${dir}/${kind}`
        fs.mkdirSync(`${own}/from/inside`, { recursive: true })
        makers[kind]?.(`${own}/to`)
        const before = picture(own)
        const error = yield* Effect.flip(renameNew(calls, target(`${own}/from`), target(`${own}/to`)))
        expect({ kind, error }).toMatchObject({ error: { _tag: "DestinationExists" } })
        expect(picture(own)).toEqual(before)
        yield* renameNew(calls, target(`${own}/from`), target(`${own}/free`))
        expect(fs.readdirSync(`${own}/free`)).toEqual(["inside"])
      }
    }),
  )
}

onDisk("renameNew moves what it is given when the place is free", (disk, dir) =>
  Effect.gen(function* () {
    for (const kind of kinds) {
      makers[kind]?.(`${dir}/from`)
      const { ino } = fs.lstatSync(`${dir}/from`)
      yield* disk.renameNew(`${dir}/from`, `${dir}/${kind}`)
      expect(fs.lstatSync(`${dir}/${kind}`).ino).toBe(ino)
    }
  }),
)

onDisk("renameNew tells a taken place from a wrong one", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/file`, "")
    fs.mkdirSync(`${dir}/folder`)
    const failures = yield* Effect.forEach(
      [
        disk.renameNew(`${dir}/absent`, `${dir}/new`),
        disk.renameNew(`${dir}/folder`, `${dir}/file/below`),
        disk.renameNew(`${dir}/folder`, `${dir}/absent/below`),
        disk.renameNew(`${dir}/folder`, `${dir}/folder/below`),
      ],
      Effect.flip,
    )
    expect(failures.map((error) => (error._tag === "DiskError" ? error.errno : error._tag))).toEqual([
      "ENOENT",
      "ENOTDIR",
      "ENOENT",
      "EINVAL",
    ])
  }),
)

it.scopedLive("a rename that happened, though its answer was an error, happened", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    fs.mkdirSync(`${dir}/from`)
    for (const errno of ["EIO", "ENOENT", "EEXIST"]) {
      const lostAnswer = (from: string | Buffer, to: string | Buffer) => {
        fs.renameSync(from, to)
        return errno
      }
      const calls = { flock: () => null, forget: Option.none(), renameNew: Option.some(lostAnswer) }
      yield* renameNew(calls, target(`${dir}/from`), target(`${dir}/to`))
      fs.renameSync(`${dir}/to`, `${dir}/from`)
    }
  }),
)

it.scopedLive("somebody else's directory at the destination is not taken for ours", () =>
  Effect.gen(function* () {
    const dir = yield* temporaryDirectory
    fs.mkdirSync(`${dir}/from`)
    const refused = () => {
      fs.mkdirSync(`${dir}/to`)
      fs.rmdirSync(`${dir}/from`)
      return "EIO"
    }
    const calls = { flock: () => null, forget: Option.none(), renameNew: Option.some(refused) }
    const error = yield* Effect.flip(renameNew(calls, target(`${dir}/from`), target(`${dir}/to`)))
    expect(error).toMatchObject({ _tag: "DiskError", errno: "EIO" })
  }),
)

onDisk("rename replaces, as the system does", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/new`, "new")
    fs.writeFileSync(`${dir}/old`, "old")
    yield* disk.rename(`${dir}/new`, `${dir}/old`)
    expect(fs.readFileSync(`${dir}/old`, "utf8")).toBe("new")
    fs.mkdirSync(`${dir}/tree/inside`, { recursive: true })
    fs.mkdirSync(`${dir}/empty`)
    yield* disk.rename(`${dir}/tree`, `${dir}/empty`)
    expect(fs.readdirSync(`${dir}/empty`)).toEqual(["inside"])
  }),
)
