import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Option } from "effect"
import { type DiskError, LocksUnsupported } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { list, lstat, readLink } from "./fileInfo.ts"
import * as FileLocks from "./FileLocks.ts"
import * as nativeCalls from "./nativeCalls.ts"
import { decodeName } from "./nativePath.ts"
import { drop, open } from "./openFile.ts"
import * as reading from "./reading.ts"
import { renameNew } from "./renameNew.ts"
import { aim, operate, perform, query, type Target, tolerating } from "./systemCall.ts"
import * as writing from "./writing.ts"

const realPath = (target: Target): Effect.Effect<string, DiskError> =>
  Effect.map(
    query<Buffer>(target, (done) => fs.realpath.native(target.native, "buffer", done)),
    decodeName,
  )

const makeDirectories = (target: Target): Effect.Effect<Option.Option<string>, DiskError> =>
  Effect.map(
    query<string | undefined>(target, (done) =>
      fs.mkdir(target.native, { recursive: true, mode: 0o755 }, done),
    ),
    Option.fromNullable,
  )

const freeBytes = (target: Target): Effect.Effect<number, DiskError> =>
  Effect.map(
    query<fs.BigIntStatsFs>(target, (done) => fs.statfs(target.native, { bigint: true }, done)),
    ({ bavail, bsize }) => Number(bavail * bsize),
  )

const make = (calls: nativeCalls.NativeCalls, locks: FileLocks.FileLocks): typeof Disk.Service => ({
  lstat: (path) => operate("lstat", path, lstat),
  realPath: (path) => operate("realPath", path, realPath),
  list: (path) => operate("list", path, list),
  readLink: (path) => operate("readLink", path, readLink),
  readFile: (path, options) =>
    operate("readFile", path, (target) => reading.readFile(target, options?.maxBytes ?? Infinity)),
  hashFile: (path) => aim("hashFile", path, reading.hashFile),
  makeDirectory: (path) =>
    operate("makeDirectory", path, (target) =>
      perform(target, (done) => fs.mkdir(target.native, 0o755, done)),
    ),
  makeDirectories: (path) => operate("makeDirectories", path, makeDirectories),
  createFile: (path, content, options) =>
    operate("createFile", path, (target) => writing.createFile(target, content, options)),
  copyFile: (from, to) =>
    operate("copyFile", from, (source) =>
      operate("copyFile", to, (target) => writing.copyFile(source, target)),
    ),
  makeLink: (says, path) =>
    operate("makeLink", says, ({ native }) =>
      operate("makeLink", path, (target) =>
        perform(target, (done) => fs.symlink(native, target.native, done)),
      ),
    ),
  setMode: (path, mode) => operate("setMode", path, (target) => writing.setMode(target, mode)),
  append: (path, content) => operate("append", path, (target) => writing.append(target, content)),
  flush: (path) => operate("flush", path, writing.flush),
  rename: (from, to) =>
    operate("rename", from, (source) =>
      operate("rename", to, (target) =>
        perform(target, (done) => fs.rename(source.native, target.native, done)),
      ),
    ),
  renameNew: (from, to) =>
    operate("renameNew", from, (source) =>
      operate("renameNew", to, (target) => renameNew(calls, source, target)),
    ),
  removeFile: (path) =>
    operate("removeFile", path, (target) =>
      perform(target, (done) => fs.unlink(target.native, done)).pipe(tolerating("ENOENT", "ENOTDIR")),
    ),
  removeDirectory: (path) =>
    operate("removeDirectory", path, (target) =>
      perform(target, (done) => fs.rmdir(target.native, done)).pipe(tolerating("ENOENT")),
    ),
  freeBytes: (path) => operate("freeBytes", path, freeBytes),
  lock: (path, timeout) => aim("lock", path, (target) => locks.lock(target, timeout)),
  tryLock: (path) => aim("tryLock", path, locks.tryLock),
})

const unsupported = (error: DiskError): LocksUnsupported =>
  new LocksUnsupported({ platform: process.platform, reason: error.message })

/** A second open file must not get the lock that a first one holds. */
const probe = (calls: nativeCalls.NativeCalls): Effect.Effect<void, LocksUnsupported> => {
  const directory = { op: "lock", path: tmpdir() }
  const openProbe = (path: string) =>
    Effect.acquireRelease(
      open({ ...directory, native: join(path, "probe") }, fs.constants.O_RDWR | fs.constants.O_CREAT),
      (fd) => drop(directory, fd),
    )
  return Effect.gen(function* () {
    const path = yield* Effect.acquireRelease(
      query<string>(directory, (done) => fs.mkdtemp(join(tmpdir(), "exlab-wizard-"), done)),
      (made) => Effect.ignore(perform(directory, (done) => fs.rm(made, { recursive: true }, done))),
    )
    const first = calls.flock(yield* openProbe(path))
    const second = calls.flock(yield* openProbe(path))
    if (first === null && second === "EAGAIN") return
    const reason = `two holders got ${first ?? "the lock"} and ${second ?? "the lock"}`
    return yield* new LocksUnsupported({ platform: process.platform, reason })
  }).pipe(
    Effect.scoped,
    Effect.catchTag("DiskError", (error) => Effect.fail(unsupported(error))),
  )
}

/** The files of this computer. Fails at start-up where `flock(2)` doesn't work, on which claims and records rest. */
export const layer: Layer.Layer<Disk, LocksUnsupported> = Layer.effect(
  Disk,
  Effect.gen(function* () {
    const calls = yield* nativeCalls.make
    yield* probe(calls)
    return make(calls, yield* FileLocks.make(calls))
  }),
)
