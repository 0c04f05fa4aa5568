import { createHash, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { expect } from "@effect/vitest"
import { Clock, Effect, Fiber, Option } from "effect"
import { fileInfo } from "../../../layers/disk/fileInfo.ts"
import { errnoOf, makePipe, onDisk, text } from "./support.ts"

const openFiles = (): number => fs.readdirSync("/proc/self/fd").length

onDisk("lstat tells what is there, and follows nothing", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/file`, "12345", { mode: 0o640 })
    fs.mkdirSync(`${dir}/folder`, { mode: 0o750 })
    fs.symlinkSync("nowhere", `${dir}/dangling`)
    fs.symlinkSync("folder", `${dir}/link`)
    makePipe(`${dir}/pipe`)
    const seen = yield* Effect.forEach(["file", "folder", "dangling", "link", "pipe"], (name) =>
      Effect.map(Effect.flatten(disk.lstat(`${dir}/${name}`)), ({ type }) => type),
    )
    expect(seen).toEqual(["file", "directory", "symlink", "symlink", "other"])
    const file = yield* Effect.flatten(disk.lstat(`${dir}/file`))
    expect(file).toMatchObject({ size: 5, mode: 0o640 })
    expect(file.modifiedMillis).toBe(Math.floor(fs.lstatSync(`${dir}/file`).mtimeMs))
    expect(yield* disk.lstat(`${dir}/absent`)).toEqual(Option.none())
    expect(yield* disk.lstat(`${dir}/file/below`)).toEqual(Option.none())
  }),
)

onDisk("identity is the file's, the stamp its state's", (disk, dir) =>
  Effect.gen(function* () {
    const look = (name: string) => Effect.flatten(disk.lstat(`${dir}/${name}`))
    fs.writeFileSync(`${dir}/a`, "one")
    fs.linkSync(`${dir}/a`, `${dir}/b`)
    fs.writeFileSync(`${dir}/c`, "one")
    const before = yield* look("a")
    expect((yield* look("b")).identity).toBe(before.identity)
    expect((yield* look("c")).identity).not.toBe(before.identity)
    const { atime, mtime } = fs.lstatSync(`${dir}/a`)
    fs.writeFileSync(`${dir}/a`, "two")
    fs.utimesSync(`${dir}/a`, atime, mtime)
    const after = yield* look("a")
    expect(after.identity).toBe(before.identity)
    expect(after.stamp).not.toBe(before.stamp)
  }),
)

onDisk("a stamp outlives a restart, which may give a device another number", (_, dir) =>
  Effect.sync(() => {
    fs.writeFileSync(`${dir}/a`, "one")
    const stats = fs.lstatSync(`${dir}/a`, { bigint: true })
    const { identity, stamp } = fileInfo(stats)
    stats.dev += 1n
    expect(fileInfo(stats).stamp).toBe(stamp)
    expect(fileInfo(stats).identity).not.toBe(identity)
  }),
)

onDisk("lstat counts names, and tells of a change that times set by hand hide", (disk, dir) =>
  Effect.gen(function* () {
    const look = Effect.flatten(disk.lstat(`${dir}/file`))
    const before = yield* Clock.currentTimeMillis
    fs.writeFileSync(`${dir}/file`, "one")
    expect((yield* look).links).toBe(1)
    fs.linkSync(`${dir}/file`, `${dir}/second`)
    fs.utimesSync(`${dir}/file`, 1, 1)
    const info = yield* look
    expect(info).toMatchObject({ links: 2, modifiedMillis: 1000 })
    // The kernel's clock for files may be a tick behind.
    expect(info.changedMillis).toBeGreaterThan(before - 100)
  }),
)

onDisk(
  "what was just seen to be a directory is listed as any other; what isn't one is refused",
  (disk, dir) =>
    Effect.gen(function* () {
      fs.mkdirSync(`${dir}/directory/inner`, { recursive: true })
      fs.writeFileSync(`${dir}/directory/file`, "")
      const known = { isDirectory: true }
      const entries = yield* disk.list(`${dir}/directory`, known)
      expect(entries).toEqual(yield* disk.list(`${dir}/directory`))
      expect(entries).toEqual([
        { name: "file", type: "file" },
        { name: "inner", type: "directory" },
      ])
      expect(yield* errnoOf(disk.list(`${dir}/directory/file`, known))).toBe("ENOTDIR")
      expect(yield* errnoOf(disk.list(`${dir}/absent`, known))).toBe("ENOENT")
    }),
)

onDisk("readPiece reads a file from anywhere, to its end, and nothing but regular files", (disk, dir) =>
  Effect.gen(function* () {
    const content = randomBytes(10_000)
    fs.writeFileSync(`${dir}/file`, content)
    fs.symlinkSync("file", `${dir}/link`)
    makePipe(`${dir}/pipe`)
    const piece = (offset: number, length: number, name = "file") =>
      disk.readPiece(`${dir}/${name}`, { offset, length })
    expect(Buffer.from(yield* piece(0, 4000)).equals(content.subarray(0, 4000))).toBe(true)
    expect(Buffer.from(yield* piece(9000, 4000)).equals(content.subarray(9000))).toBe(true)
    expect(yield* piece(10_000, 10)).toHaveLength(0)
    expect(yield* piece(20_000, 10)).toHaveLength(0)
    expect(yield* errnoOf(piece(0, 10, "link"))).toBe("ELOOP")
    expect(yield* errnoOf(piece(0, 10, "pipe"))).toBe("EINVAL")
    expect(yield* errnoOf(piece(0, 10, "absent"))).toBe("ENOENT")
  }),
)

onDisk("readLink gives back what makeLink was told, whatever it is, and follows nothing", (disk, dir) =>
  Effect.gen(function* () {
    for (const target of ["nowhere", "..", "/", "a/./../b//", "stray\udcff\udcc3", "x".repeat(4000)]) {
      yield* disk.makeLink(target, `${dir}/link`)
      expect(yield* disk.readLink(`${dir}/link`)).toBe(target)
      expect(yield* errnoOf(disk.makeLink(target, `${dir}/link`))).toBe("EEXIST")
      yield* disk.removeFile(`${dir}/link`)
    }
    fs.writeFileSync(`${dir}/file`, "stays")
    expect(yield* errnoOf(disk.makeLink("nowhere", `${dir}/file`))).toBe("EEXIST")
    expect(yield* errnoOf(disk.readLink(`${dir}/file`))).toBe("EINVAL")
    expect(yield* errnoOf(disk.readLink(`${dir}/absent`))).toBe("ENOENT")
    expect(yield* errnoOf(disk.makeLink("a\0b", `${dir}/link`))).toBe("EINVAL")
    expect(yield* errnoOf(disk.makeLink("", `${dir}/link`))).toBe("ENOENT")
    expect(fs.readdirSync(dir)).toEqual(["file"])
  }),
)

onDisk("realPath resolves every link, and says where none leads", (disk, dir) =>
  Effect.gen(function* () {
    fs.mkdirSync(`${dir}/real/inner`, { recursive: true })
    fs.symlinkSync("real", `${dir}/link`)
    fs.symlinkSync("nowhere", `${dir}/dangling`)
    expect(yield* disk.realPath(`${dir}/link/inner/../inner`)).toBe(`${dir}/real/inner`)
    expect(yield* errnoOf(disk.realPath(`${dir}/dangling`))).toBe("ENOENT")
  }),
)

onDisk("list sorts by code unit, whatever the locale says, and doesn't follow a link", (disk, dir) =>
  Effect.gen(function* () {
    const names = ["Z", "a", "B", "é", "~", "10", "9", ".hidden", "😀", "ﬀ", "with\nnewline"]
    for (const name of names) fs.writeFileSync(`${dir}/${name}`, "")
    fs.mkdirSync(`${dir}/Folder`)
    const entries = yield* disk.list(dir)
    expect(entries.map(({ name }) => name)).toEqual([...names, "Folder"].sort())
    expect(entries.filter(({ type }) => type === "directory")).toEqual([
      { name: "Folder", type: "directory" },
    ])
    fs.symlinkSync(dir, `${dir}/loop`)
    expect(yield* errnoOf(disk.list(`${dir}/loop`))).toBe("ENOTDIR")
    expect(yield* errnoOf(disk.list(`${dir}/a`))).toBe("ENOTDIR")
    expect(yield* errnoOf(disk.list(`${dir}/absent`))).toBe("ENOENT")
  }),
)

onDisk("a name that isn't UTF-8 can be listed, read and removed", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(Buffer.concat([Buffer.from(`${dir}/x`), Buffer.of(0xff, 0xc3)]), "content")
    const [entry] = yield* disk.list(dir)
    const path = `${dir}/${entry?.name}`
    expect(text(yield* disk.readFile(path))).toBe("content")
    yield* disk.renameNew(path, `${path}2`)
    yield* disk.removeFile(`${path}2`)
    expect(fs.readdirSync(dir)).toEqual([])
  }),
)

onDisk("readFile gives the whole file, up to the limit and not a byte more", (disk, dir) =>
  Effect.gen(function* () {
    for (const size of [0, 1, 4095, 65_536, 262_143, 262_144, 262_145, 1_000_003]) {
      const content = randomBytes(size)
      fs.writeFileSync(`${dir}/file`, content)
      expect(Buffer.compare(yield* disk.readFile(`${dir}/file`), content)).toBe(0)
      expect(Buffer.compare(yield* disk.readFile(`${dir}/file`, { maxBytes: size }), content)).toBe(0)
      if (size > 0) {
        expect(yield* errnoOf(disk.readFile(`${dir}/file`, { maxBytes: size - 1 }))).toBe("EFBIG")
      }
    }
  }),
)

onDisk("a file that has more than it says is read to its end, or to the limit", (disk) =>
  Effect.gen(function* () {
    // Its size is 0, as that of a file that grows once it was looked at.
    const path = "/proc/self/status"
    expect(text(yield* disk.readFile(path))).toContain("VmRSS")
    expect(yield* errnoOf(disk.readFile(path, { maxBytes: 10 }))).toBe("EFBIG")
  }),
)

onDisk("neither links nor directories nor pipes are read; nothing hangs", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/file`, "secret")
    fs.symlinkSync("file", `${dir}/link`)
    makePipe(`${dir}/pipe`)
    for (const read of [
      (path: string) => Effect.asVoid(disk.readFile(path)),
      (path: string) => Effect.asVoid(disk.hashFile(path)),
    ]) {
      expect(yield* errnoOf(read(`${dir}/link`))).toBe("ELOOP")
      expect(yield* errnoOf(read(dir))).toBe("EISDIR")
      expect(yield* errnoOf(read(`${dir}/pipe`))).toBe("EINVAL")
      expect(yield* errnoOf(read("/dev/zero"))).toBe("EINVAL")
      expect(yield* errnoOf(read(`${dir}/absent`))).toBe("ENOENT")
    }
  }),
)

onDisk("hashFile is SHA-256 over files of any size", (disk, dir) =>
  Effect.gen(function* () {
    for (const size of [0, 1, 262_143, 262_144, 262_145, 800_000]) {
      const content = randomBytes(size)
      fs.writeFileSync(`${dir}/file`, content)
      const expected = createHash("sha256").update(content).digest("hex")
      expect(yield* disk.hashFile(`${dir}/file`)).toBe(expected)
    }
    // It says that it is empty, as one does that grew once it was looked at.
    const grown = createHash("sha256").update(fs.readFileSync("/proc/version")).digest("hex")
    expect(yield* disk.hashFile("/proc/version")).toBe(grown)
  }),
)

onDisk("a long hash can be interrupted and leaves no file open", (disk, dir) =>
  Effect.gen(function* () {
    fs.truncateSync(`${dir}/huge`, (fs.writeFileSync(`${dir}/huge`, ""), 2 ** 40))
    const before = openFiles()
    const fiber = yield* Effect.fork(disk.hashFile(`${dir}/huge`))
    yield* Effect.yieldNow().pipe(Effect.repeat({ until: () => openFiles() > before }))
    yield* Fiber.interrupt(fiber)
    expect(openFiles()).toBe(before)
  }),
)

onDisk("freeBytes is what the volume says", (disk, dir) =>
  Effect.gen(function* () {
    const { bavail, bsize } = fs.statfsSync(dir)
    const free = yield* disk.freeBytes(dir)
    expect(free).toBeGreaterThan(0)
    expect(Math.abs(free - bavail * bsize)).toBeLessThan(2 ** 30)
    expect(yield* errnoOf(disk.freeBytes(`${dir}/absent`))).toBe("ENOENT")
  }),
)
