import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Option } from "effect"
import { type DiskError, LocksUnsupported } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { list, listDirectory, lookUp, lookUpStamp } from "./fileInfo.ts"
import * as FileLocks from "./FileLocks.ts"
import * as nativeCalls from "./nativeCalls.ts"
import { decodeName } from "./nativePath.ts"
import { drop, open } from "./openFile.ts"
import * as pieces from "./pieces.ts"
import * as makingDirectories from "./makingDirectories.ts"
import * as reading from "./reading.ts"
import { renameNew } from "./renameNew.ts"
import {
  aim,
  answer,
  finish,
  operate,
  operateOnBoth,
  operateOnEach,
  through,
  tolerating,
} from "./systemCall.ts"
import * as writing from "./writing.ts"

const gone = new Set(["ENOENT", "ENOTDIR"])
const goneDirectory = new Set(["ENOENT"])

const freeBytes = ({ bavail, bsize }: fs.BigIntStatsFs): number => Number(bavail * bsize)

const make = (calls: nativeCalls.NativeCalls, locks: FileLocks.FileLocks): typeof Disk.Service => ({
  lstat: (path) => operate("lstat", path, lookUp),
  stamps: (paths) => operateOnEach("lstat", paths, lookUpStamp),
  realPath: (path) =>
    operate<string>("realPath", path, (target, done) =>
      fs.realpath.native(target.native, "buffer", answer(target, through(done, decodeName))),
    ),
  list: (path, options) => operate("list", path, options?.isDirectory === true ? listDirectory : list),
  readLink: (path) =>
    operate<string>("readLink", path, (target, done) =>
      fs.readlink(target.native, "buffer", answer(target, through(done, decodeName))),
    ),
  readFile: (path, options) =>
    operate<Uint8Array>("readFile", path, (target, done) =>
      reading.readFile(target, options?.maxBytes ?? Infinity, done),
    ),
  readPiece: (path, piece) =>
    operate<Uint8Array>("readPiece", path, (target, done) => pieces.read(target, piece, done)),
  hashFile: (path, options) =>
    aim("hashFile", path, (target) =>
      reading.hashFile(
        target,
        options?.fromStorage === true ? calls.forget : Option.none(),
        options?.onRead ?? (() => Effect.void),
      ),
    ),
  makeDirectory: (path) =>
    operate<void>("makeDirectory", path, (target, done) =>
      fs.mkdir(target.native, 0o755, finish(target, done)),
    ),
  makeDirectories: (path) => operate<Option.Option<string>>("makeDirectories", path, makingDirectories.make),
  createFile: (path, content, options) =>
    operate<void>("createFile", path, (target, done) => writing.createFile(target, content, options, done)),
  copyFile: (from, to) => operateOnBoth("copyFile", from, to, writing.copyFile),
  copyPiece: (from, to, piece) =>
    operateOnBoth<number>("copyPiece", from, to, (source, target, done) =>
      pieces.copy(source, target, piece, done),
    ),
  setModified: (path, millis) =>
    operate<void>("setModified", path, (target, done) =>
      fs.lutimes(target.native, millis / 1000, millis / 1000, finish(target, done)),
    ),
  makeLink: (says, path) =>
    operateOnBoth<void>("makeLink", says, path, ({ native }, target, done) =>
      fs.symlink(native, target.native, finish(target, done)),
    ),
  setMode: (path, mode) =>
    operate<void>("setMode", path, (target, done) => writing.setMode(target, mode, done)),
  append: (path, content) =>
    operate<void>("append", path, (target, done) => writing.append(target, content, done)),
  flush: (path) => operate("flush", path, writing.flush),
  rename: (from, to) =>
    operateOnBoth<void>("rename", from, to, (source, target, done) =>
      fs.rename(source.native, target.native, finish(source, done)),
    ),
  renameNew: (from, to) =>
    Effect.uninterruptible(
      aim("renameNew", from, (source) => aim("renameNew", to, (target) => renameNew(calls, source, target))),
    ),
  removeFile: (path) =>
    operate<void>("removeFile", path, (target, done) =>
      fs.unlink(target.native, finish(target, tolerating(gone, done))),
    ),
  removeDirectory: (path) =>
    operate<void>("removeDirectory", path, (target, done) =>
      fs.rmdir(target.native, finish(target, tolerating(goneDirectory, done))),
    ),
  freeBytes: (path) =>
    operate<number>("freeBytes", path, (target, done) =>
      fs.statfs(target.native, { bigint: true }, answer(target, through(done, freeBytes))),
    ),
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
      Effect.async<string, DiskError>((resume) =>
        fs.mkdtemp(join(tmpdir(), "exlab-wizard-"), answer(directory, resume)),
      ),
      (made) => Effect.async<void>((resume) => fs.rm(made, { recursive: true }, () => resume(Effect.void))),
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
