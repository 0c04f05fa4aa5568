import { Context, Effect, Exit, Layer } from "effect"
import { Disk } from "../../src/ports/Disk.ts"
import type { RecordedOperation } from "./operations.ts"

type DiskService = typeof Disk.Service

type Facts = Pick<RecordedOperation, "name" | "paths"> & Partial<Pick<RecordedOperation, "bytes" | "flush">>

type Watch = <A, E, R>(facts: Facts, run: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

const watched = (disk: DiskService, watch: Watch): DiskService => ({
  lstat: (path) => watch({ name: "lstat", paths: [path] }, disk.lstat(path)),
  stamps: (paths) => watch({ name: "stamps", paths }, disk.stamps(paths)),
  realPath: (path) => watch({ name: "realPath", paths: [path] }, disk.realPath(path)),
  list: (path, options) => watch({ name: "list", paths: [path] }, disk.list(path, options)),
  readLink: (path) => watch({ name: "readLink", paths: [path] }, disk.readLink(path)),
  readFile: (path, options) => watch({ name: "readFile", paths: [path] }, disk.readFile(path, options)),
  readPiece: (path, piece) => watch({ name: "readPiece", paths: [path] }, disk.readPiece(path, piece)),
  hashFile: (path, options) => watch({ name: "hashFile", paths: [path] }, disk.hashFile(path, options)),
  makeDirectory: (path) => watch({ name: "makeDirectory", paths: [path] }, disk.makeDirectory(path)),
  makeDirectories: (path) => watch({ name: "makeDirectories", paths: [path] }, disk.makeDirectories(path)),
  createFile: (path, content, options) =>
    watch(
      {
        name: "createFile",
        paths: [path],
        bytes: Buffer.byteLength(content),
        flush: options?.flush === true,
      },
      disk.createFile(path, content, options),
    ),
  copyFile: (from, to) => watch({ name: "copyFile", paths: [from, to] }, disk.copyFile(from, to)),
  makeLink: (target, path) => watch({ name: "makeLink", paths: [path] }, disk.makeLink(target, path)),
  copyPiece: (from, to, piece) =>
    watch({ name: "copyPiece", paths: [from, to] }, disk.copyPiece(from, to, piece)),
  setModified: (path, millis) =>
    watch({ name: "setModified", paths: [path] }, disk.setModified(path, millis)),
  setMode: (path, mode) => watch({ name: "setMode", paths: [path] }, disk.setMode(path, mode)),
  append: (path, content) =>
    watch({ name: "append", paths: [path], bytes: Buffer.byteLength(content) }, disk.append(path, content)),
  flush: (path) => watch({ name: "flush", paths: [path] }, disk.flush(path)),
  rename: (from, to) => watch({ name: "rename", paths: [from, to] }, disk.rename(from, to)),
  renameNew: (from, to) => watch({ name: "renameNew", paths: [from, to] }, disk.renameNew(from, to)),
  removeFile: (path) => watch({ name: "removeFile", paths: [path] }, disk.removeFile(path)),
  removeDirectory: (path) => watch({ name: "removeDirectory", paths: [path] }, disk.removeDirectory(path)),
  freeBytes: (path) => watch({ name: "freeBytes", paths: [path] }, disk.freeBytes(path)),
  lock: (path, timeout) => watch({ name: "lock", paths: [path] }, disk.lock(path, timeout)),
  tryLock: (path) => watch({ name: "tryLock", paths: [path] }, disk.tryLock(path)),
})

/** Notes what is done to files. */
export class DiskRecorder extends Context.Tag("bench/DiskRecorder")<
  DiskRecorder,
  {
    /** The operations that are done while the effect runs. */
    readonly operationsOf: <A, E, R>(
      effect: Effect.Effect<A, E, R>,
    ) => Effect.Effect<ReadonlyArray<RecordedOperation>, E, R>
  }
>() {}

/** The `Disk` below it, with a recorder. */
export const layer: Layer.Layer<Disk | DiskRecorder, never, Disk> = Layer.effectContext(
  Effect.map(Disk, (disk) => {
    let operations: Array<RecordedOperation> = []
    let steps = 0
    const watch: Watch = (facts, run) =>
      Effect.suspend(() => {
        const begun = steps++
        return Effect.onExit(run, (exit) =>
          Effect.sync(() => {
            const failed = Exit.isFailure(exit)
            operations.push({ bytes: 0, flush: false, ...facts, failed, begun, ended: steps++ })
          }),
        )
      })
    return Context.make(Disk, watched(disk, watch)).pipe(
      Context.add(DiskRecorder, {
        operationsOf: (effect) =>
          Effect.suspend(() => {
            operations = []
            return Effect.map(effect, () => operations)
          }),
      }),
    )
  }),
)
