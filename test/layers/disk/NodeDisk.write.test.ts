import { createServer } from "node:net"
import * as fs from "node:fs"
import { expect } from "@effect/vitest"
import { Effect, Option, type Scope } from "effect"
import type { DestinationExists, DiskError, LockTimeout } from "../../../src/domain/Errors.ts"
import { forkProgram } from "../../support/childProcess.ts"
import { errnoOf, makePipe, onDisk } from "./support.ts"

const mode = (path: string): number => fs.lstatSync(path).mode & 0o7777

onDisk("createFile makes a new file and touches none that is there", (disk, dir) =>
  Effect.gen(function* () {
    yield* disk.createFile(`${dir}/text`, "héllo")
    yield* disk.createFile(`${dir}/bytes`, new Uint8Array([0, 255, 0]), { flush: true, mode: 0o600 })
    yield* disk.createFile(`${dir}/empty`, "", { flush: true })
    expect(fs.readFileSync(`${dir}/text`, "utf8")).toBe("héllo")
    expect([...fs.readFileSync(`${dir}/bytes`)]).toEqual([0, 255, 0])
    expect(mode(`${dir}/text`)).toBe(0o644 & ~process.umask())
    expect(mode(`${dir}/bytes`)).toBe(0o600)
    fs.symlinkSync("nowhere", `${dir}/dangling`)
    for (const name of ["text", "dangling"]) {
      expect(yield* errnoOf(disk.createFile(`${dir}/${name}`, "other"))).toBe("EEXIST")
    }
    expect(fs.readFileSync(`${dir}/text`, "utf8")).toBe("héllo")
    expect(fs.existsSync(`${dir}/nowhere`)).toBe(false)
    expect(yield* errnoOf(disk.createFile(`${dir}/no/folder`, ""))).toBe("ENOENT")
  }),
)

onDisk("a write that fails half way leaves nothing", (_, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/big`, "x".repeat(100_000))
    fs.writeFileSync(`${dir}/record`, "old")
    const program = new URL("./programs/fullDisk.ts", import.meta.url)
    const child = yield* forkProgram(program, [dir], { fileSizeBlocks: 8 })
    expect(yield* child.next).toEqual(["EFBIG", "EFBIG", "EFBIG", "EFBIG", "EFBIG"])
    expect(fs.readdirSync(dir)).toEqual(["big", "record"])
    expect(fs.readFileSync(`${dir}/record`, "utf8")).toBe("old")
  }),
)

onDisk("copyFile takes content and permission bits, and overwrites nothing", (disk, dir) =>
  Effect.gen(function* () {
    for (const bits of [0o644, 0o755, 0o444, 0o600]) {
      const from = `${dir}/from-${bits}`
      fs.writeFileSync(from, `content ${bits}`)
      fs.chmodSync(from, bits)
      yield* disk.copyFile(from, `${from}-copy`)
      expect(fs.readFileSync(`${from}-copy`, "utf8")).toBe(`content ${bits}`)
      expect(mode(`${from}-copy`)).toBe(bits)
    }
    fs.writeFileSync(`${dir}/other`, "stays")
    expect(yield* errnoOf(disk.copyFile(`${dir}/from-420`, `${dir}/other`))).toBe("EEXIST")
    expect(fs.readFileSync(`${dir}/other`, "utf8")).toBe("stays")
    fs.symlinkSync("other", `${dir}/link`)
    makePipe(`${dir}/pipe`)
    expect(yield* errnoOf(disk.copyFile(`${dir}/link`, `${dir}/new`))).toBe("ELOOP")
    expect(yield* errnoOf(disk.copyFile(`${dir}/pipe`, `${dir}/new`))).toBe("EINVAL")
    expect(yield* errnoOf(disk.copyFile(dir, `${dir}/new`))).toBe("EISDIR")
    expect(yield* errnoOf(disk.copyFile(`${dir}/absent`, `${dir}/new`))).toBe("ENOENT")
    expect(fs.existsSync(`${dir}/new`)).toBe(false)
  }),
)

onDisk("setMode sets the bits of a file that nobody may read, and doesn't follow a link", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/file`, "")
    fs.mkdirSync(`${dir}/folder`)
    makePipe(`${dir}/pipe`)
    for (const name of ["file", "folder", "pipe"]) {
      for (const bits of [0o000, 0o444, 0o4755, 0o1777, 0o600]) {
        yield* disk.setMode(`${dir}/${name}`, bits)
        expect(mode(`${dir}/${name}`)).toBe(bits)
      }
    }
    fs.symlinkSync("file", `${dir}/link`)
    fs.symlinkSync("nowhere", `${dir}/dangling`)
    expect(yield* errnoOf(disk.setMode(`${dir}/link`, 0o777))).toBe("ELOOP")
    expect(yield* errnoOf(disk.setMode(`${dir}/dangling`, 0o777))).toBe("ELOOP")
    expect(yield* errnoOf(disk.setMode(`${dir}/absent`, 0o777))).toBe("ENOENT")
    expect(mode(`${dir}/file`)).toBe(0o600)
  }),
)

onDisk("append adds whole pieces, also many at a time, and only to files", (disk, dir) =>
  Effect.gen(function* () {
    const lines = Array.from({ length: 200 }, (_, index) => `${index} ${"x".repeat(index * 5)}\n`)
    yield* Effect.forEach(lines, (line) => disk.append(`${dir}/log`, line), { concurrency: "unbounded" })
    const written = fs.readFileSync(`${dir}/log`, "utf8").split("\n").slice(0, -1)
    expect(written.map((line) => `${line}\n`).sort()).toEqual([...lines].sort())
    makePipe(`${dir}/pipe`)
    fs.symlinkSync("log", `${dir}/link`)
    expect(yield* errnoOf(disk.append(`${dir}/pipe`, "x"))).toBe("ENXIO")
    expect(yield* errnoOf(disk.append(`${dir}/link`, "x"))).toBe("ELOOP")
    const reader = fs.openSync(`${dir}/pipe`, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    expect(yield* errnoOf(disk.append(`${dir}/pipe`, "x"))).toBe("EINVAL")
    fs.closeSync(reader)
  }),
)

onDisk("flush flushes files and directories; links, pipes and sockets have nothing to flush", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/file`, "content")
    fs.symlinkSync("nowhere", `${dir}/link`)
    makePipe(`${dir}/pipe`)
    yield* Effect.acquireRelease(
      Effect.promise(
        () =>
          new Promise<ReturnType<typeof createServer>>((done) => {
            const server = createServer().listen(`${dir}/socket`, () => done(server))
          }),
      ),
      (server) => Effect.promise(() => new Promise((done) => server.close(done))),
    )
    for (const name of ["file", "link", "pipe", "socket", "."]) yield* disk.flush(`${dir}/${name}`)
    expect(yield* errnoOf(disk.flush(`${dir}/absent`))).toBe("ENOENT")
  }),
)

onDisk("directories are made once, with what was missing above them", (disk, dir) =>
  Effect.gen(function* () {
    yield* disk.makeDirectory(`${dir}/one`)
    expect(mode(`${dir}/one`)).toBe(0o755 & ~process.umask())
    expect(yield* errnoOf(disk.makeDirectory(`${dir}/one`))).toBe("EEXIST")
    expect(yield* errnoOf(disk.makeDirectory(`${dir}/two/three`))).toBe("ENOENT")
    expect(yield* disk.makeDirectories(`${dir}/one/a/b/c`)).toEqual(Option.some(`${dir}/one/a`))
    expect(yield* disk.makeDirectories(`${dir}/one/a/b/c`)).toEqual(Option.none())
    expect(mode(`${dir}/one/a/b`)).toBe(0o755 & ~process.umask())
    fs.writeFileSync(`${dir}/file`, "")
    fs.symlinkSync("nowhere", `${dir}/dangling`)
    expect(yield* errnoOf(disk.makeDirectory(`${dir}/dangling`))).toBe("EEXIST")
    expect(yield* errnoOf(disk.makeDirectories(`${dir}/file`))).toBe("EEXIST")
    expect(yield* errnoOf(disk.makeDirectories(`${dir}/file/below`))).toBe("ENOTDIR")
    // Nothing can be made there, though the parent exists.
    for (const path of ["/proc/exlab-wizard", "/proc/exlab-wizard/a/b"]) {
      expect(yield* Effect.flip(disk.makeDirectories(path))).toMatchObject({ path, errno: "ENOENT" })
    }
    expect(fs.existsSync(`${dir}/nowhere`)).toBe(false)
  }),
)

onDisk("removal takes a file, a link or an empty directory; absent is fine", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/file`, "")
    fs.mkdirSync(`${dir}/full/empty`, { recursive: true })
    fs.symlinkSync("full", `${dir}/link`)
    expect(yield* errnoOf(disk.removeFile(`${dir}/full`))).toMatch(/EISDIR|EPERM/)
    expect(yield* errnoOf(disk.removeDirectory(`${dir}/full`))).toBe("ENOTEMPTY")
    expect(yield* errnoOf(disk.removeDirectory(`${dir}/link`))).toBe("ENOTDIR")
    yield* disk.removeFile(`${dir}/link`)
    yield* disk.removeFile(`${dir}/file`)
    yield* disk.removeFile(`${dir}/file`)
    yield* disk.removeDirectory(`${dir}/full/empty`)
    yield* disk.removeDirectory(`${dir}/full/empty`)
    expect(fs.readdirSync(dir)).toEqual(["full"])
  }),
)

onDisk("a path that can't be one is a typed failure of every operation", (disk, dir) =>
  Effect.gen(function* () {
    const fine = `${dir}/fine`
    type Operation = Effect.Effect<unknown, DiskError | DestinationExists | LockTimeout, Scope.Scope>
    const operations = (bad: string): ReadonlyArray<Operation> => [
      disk.lstat(bad),
      disk.realPath(bad),
      disk.list(bad),
      disk.readFile(bad),
      disk.hashFile(bad),
      disk.makeDirectory(bad),
      disk.makeDirectories(bad),
      disk.createFile(bad, ""),
      disk.copyFile(bad, fine),
      disk.copyFile(fine, bad),
      disk.append(bad, ""),
      disk.flush(bad),
      disk.rename(bad, fine),
      disk.rename(fine, bad),
      disk.renameNew(bad, fine),
      disk.renameNew(fine, bad),
      disk.removeFile(bad),
      disk.removeDirectory(bad),
      disk.freeBytes(bad),
      disk.lock(bad, "1 second"),
      disk.tryLock(bad),
    ]
    for (const [bad, errno] of [
      [`${dir}/\0`, "EINVAL"],
      [`${dir}/\ud83d`, "EILSEQ"],
      [`${dir}/${"é".repeat(128)}`, "ENAMETOOLONG"],
    ] as const) {
      fs.writeFileSync(fine, "")
      for (const exit of yield* Effect.forEach(operations(bad), (operation) => Effect.exit(operation))) {
        expect(exit).toMatchObject({ cause: { error: { _tag: "DiskError", errno } } })
      }
      expect(fs.readdirSync(dir)).toEqual(["fine"])
    }
    const longest = `${dir}/${"é".repeat(127)}x`
    yield* disk.createFile(longest, "content")
    yield* disk.rename(longest, fine)
    expect(fs.readFileSync(fine, "utf8")).toBe("content")
  }),
)

onDisk("copyPiece copies a file piece by piece; zeros become holes", (disk, dir) =>
  Effect.gen(function* () {
    const content = Buffer.concat([Buffer.alloc(1000, 1), Buffer.alloc(3_000_000), Buffer.alloc(10, 2)])
    fs.writeFileSync(`${dir}/from`, content)
    fs.writeFileSync(`${dir}/to`, "")
    let offset = 0
    for (let count = -1; count !== 0; offset += count) {
      count = yield* disk.copyPiece(`${dir}/from`, `${dir}/to`, { offset, length: 700_000 })
    }
    expect(offset).toBe(content.length)
    expect(fs.readFileSync(`${dir}/to`).equals(content)).toBe(true)
    expect(fs.statSync(`${dir}/to`).blocks * 512).toBeLessThan(2_500_000)
    fs.truncateSync(`${dir}/from`, 2_000_000)
    fs.writeFileSync(`${dir}/to`, "")
    expect(yield* disk.copyPiece(`${dir}/from`, `${dir}/to`, { offset: 0, length: 4_000_000 })).toBe(
      2_000_000,
    )
    expect(fs.readFileSync(`${dir}/to`).equals(content.subarray(0, 2_000_000))).toBe(true)
  }),
)

onDisk("append takes bytes as well as text", (disk, dir) =>
  Effect.gen(function* () {
    yield* disk.append(`${dir}/file`, "é")
    yield* disk.append(`${dir}/file`, new Uint8Array([0, 255]))
    expect([...fs.readFileSync(`${dir}/file`)]).toEqual([0xc3, 0xa9, 0, 255])
  }),
)

onDisk("copyPiece says which of its files it couldn't use, and follows no link", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/file`, "x")
    fs.symlinkSync("file", `${dir}/link`)
    const piece = { offset: 0, length: 10 }
    const failure = (from: string, to: string) =>
      Effect.map(Effect.flip(disk.copyPiece(`${dir}/${from}`, `${dir}/${to}`, piece)), ({ errno, path }) => [
        errno,
        path,
      ])
    expect(yield* failure("absent", "file")).toEqual(["ENOENT", `${dir}/absent`])
    expect(yield* failure("file", "absent")).toEqual(["ENOENT", `${dir}/absent`])
    expect(yield* failure("link", "file")).toEqual(["ELOOP", `${dir}/link`])
    expect(yield* failure("file", "link")).toEqual(["ELOOP", `${dir}/link`])
  }),
)

onDisk("setModified sets when something was modified; of a link, the link's own", (disk, dir) =>
  Effect.gen(function* () {
    fs.writeFileSync(`${dir}/file`, "x")
    fs.symlinkSync("file", `${dir}/link`)
    yield* disk.setModified(`${dir}/file`, 1_700_000_000_123)
    yield* disk.setModified(`${dir}/link`, 1_600_000_000_000)
    expect(Math.round(fs.statSync(`${dir}/file`).mtimeMs)).toBe(1_700_000_000_123)
    expect(Math.round(fs.lstatSync(`${dir}/link`).mtimeMs)).toBe(1_600_000_000_000)
    expect(yield* errnoOf(disk.setModified(`${dir}/absent`, 0))).toBe("ENOENT")
  }),
)
