import { Effect, Layer, Option } from "effect"
import { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"

/**
 * The `Disk` below it, but what happens inside `folder` is granted and forgotten: nothing is ever there.
 * For sessions in numbers that no disk is wanted for.
 */
export const layer = (folder: string): Layer.Layer<Disk, never, Disk> =>
  Layer.effect(
    Disk,
    Effect.map(Disk, (disk) => {
      const isForgotten = (path: string): boolean => path.startsWith(`${folder}/`)
      const absent = (op: string, path: string) => Effect.fail(new DiskError({ path, op, errno: "ENOENT" }))
      const unless = <A, E, R>(path: string, granted: Effect.Effect<A, E>, real: Effect.Effect<A, E, R>) =>
        isForgotten(path) ? granted : real
      return Disk.of({
        lstat: (path) => unless(path, Effect.succeedNone, disk.lstat(path)),
        stamps: (paths) => disk.stamps(paths),
        realPath: (path) => unless(path, absent("realPath", path), disk.realPath(path)),
        list: (path, options) => unless(path, Effect.succeed([]), disk.list(path, options)),
        readLink: (path) => unless(path, absent("readLink", path), disk.readLink(path)),
        readFile: (path, options) => unless(path, absent("readFile", path), disk.readFile(path, options)),
        readPiece: (path, piece) => unless(path, absent("readPiece", path), disk.readPiece(path, piece)),
        hashFile: (path, options) => unless(path, absent("hashFile", path), disk.hashFile(path, options)),
        makeDirectory: (path) => unless(path, Effect.void, disk.makeDirectory(path)),
        makeDirectories: (path) => unless(path, Effect.succeed(Option.none()), disk.makeDirectories(path)),
        createFile: (path, content, options) =>
          unless(path, Effect.void, disk.createFile(path, content, options)),
        copyFile: (from, to) => unless(to, Effect.void, disk.copyFile(from, to)),
        copyPiece: (from, to, piece) => unless(to, Effect.succeed(0), disk.copyPiece(from, to, piece)),
        setModified: (path, millis) => unless(path, Effect.void, disk.setModified(path, millis)),
        makeLink: (target, path) => unless(path, Effect.void, disk.makeLink(target, path)),
        setMode: (path, mode) => unless(path, Effect.void, disk.setMode(path, mode)),
        append: (path, content) => unless(path, Effect.void, disk.append(path, content)),
        flush: (path) => unless(path, Effect.void, disk.flush(path)),
        rename: (from, to) => unless(to, Effect.void, disk.rename(from, to)),
        renameNew: (from, to) => unless(to, Effect.void, disk.renameNew(from, to)),
        removeFile: (path) => unless(path, Effect.void, disk.removeFile(path)),
        removeDirectory: (path) => unless(path, Effect.void, disk.removeDirectory(path)),
        freeBytes: (path) => unless(path, Effect.succeed(Infinity), disk.freeBytes(path)),
        lock: (path, timeout) => unless(path, Effect.void, disk.lock(path, timeout)),
        tryLock: (path) => unless(path, Effect.succeed(true), disk.tryLock(path)),
      })
    }),
  )
