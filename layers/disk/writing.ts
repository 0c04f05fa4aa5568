import * as fs from "node:fs"
import { Effect } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import { close, drop, fstat, fsync, open, readOnly, regularFile, withRegularFile } from "./openFile.ts"
import { tolerating, type Operation, perform, query, refuse, type Target } from "./systemCall.ts"

const { COPYFILE_EXCL, COPYFILE_FICLONE, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } =
  fs.constants

const writeAll = (operation: Operation, fd: number, bytes: Uint8Array): Effect.Effect<void, DiskError> =>
  query<number>(operation, (done) => fs.write(fd, bytes, done)).pipe(
    Effect.flatMap((written) =>
      written < bytes.length ? writeAll(operation, fd, bytes.subarray(written)) : Effect.void,
    ),
  )

const writeAndClose = (
  target: Target,
  fd: number,
  content: string | Uint8Array,
  flushed: boolean,
): Effect.Effect<void, DiskError> => {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content
  return writeAll(target, fd, bytes).pipe(
    Effect.zipRight(flushed ? fsync(target, fd) : Effect.void),
    Effect.tapError(() => drop(target, fd)),
    Effect.zipRight(close(target, fd, flushed ? 0 : bytes.length)),
  )
}

const removeQuietly = (target: Target): Effect.Effect<void> =>
  Effect.ignore(perform(target, (done) => fs.unlink(target.native, done)))

export const createFile = (
  target: Target,
  content: string | Uint8Array,
  options: { readonly mode?: number; readonly flush?: boolean } = {},
): Effect.Effect<void, DiskError> =>
  Effect.flatMap(open(target, O_WRONLY | O_CREAT | O_EXCL, options.mode), (fd) =>
    Effect.tapError(writeAndClose(target, fd, content, options.flush === true), () => removeQuietly(target)),
  )

export const append = (target: Target, content: string): Effect.Effect<void, DiskError> =>
  open(target, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK).pipe(
    Effect.tap((fd) => Effect.tapError(regularFile(target, fd), () => drop(target, fd))),
    Effect.flatMap((fd) => writeAndClose(target, fd, content, false)),
  )

/** On Linux the copy reads what was opened and checked, whatever the path names by then. */
const opened = (target: Target, fd: number): string | Buffer =>
  process.platform === "linux" ? `/proc/self/fd/${fd}` : target.native

/** libuv removes the new file when the copy fails. */
export const copyFile = (from: Target, to: Target): Effect.Effect<void, DiskError> =>
  withRegularFile(from, (fd) =>
    perform(to, (done) => fs.copyFile(opened(from, fd), to.native, COPYFILE_EXCL | COPYFILE_FICLONE, done)),
  )

/** Names a file without opening it, so that one that nobody may read can be named, too. Linux; Node doesn't list it. */
const O_PATH = 0o10000000

/** `chmod(2)` follows links. On Linux the mode is that of what was looked at, whatever the path names by then. */
export const setMode = (target: Target, mode: number): Effect.Effect<void, DiskError> => {
  const change = (path: string | Buffer) => perform(target, (done) => fs.chmod(path, mode, done))
  if (process.platform !== "linux") {
    return Effect.flatMap(
      query<fs.Stats>(target, (done) => fs.lstat(target.native, done)),
      (stats) => (stats.isSymbolicLink() ? Effect.fail(refuse(target, "ELOOP")) : change(target.native)),
    )
  }
  return Effect.acquireUseRelease(
    open(target, O_PATH | O_NOFOLLOW),
    (fd) =>
      Effect.flatMap(fstat(target, fd), (stats) =>
        stats.isSymbolicLink() ? Effect.fail(refuse(target, "ELOOP")) : change(opened(target, fd)),
      ),
    (fd) => drop(target, fd),
  )
}

/** What some network file systems say to a flush of a directory. */
const cannotFlush = ["EINVAL", "ENOTSUP", "EOPNOTSUPP"]

/** Links can't be opened so (`ELOOP`), sockets and idle devices neither (`ENXIO`, `ENODEV`). */
export const flush = (target: Target): Effect.Effect<void, DiskError> =>
  Effect.acquireUseRelease(
    open(target, readOnly),
    (fd) =>
      Effect.flatMap(fstat(target, fd), (stats) => {
        if (stats.isFile()) return fsync(target, fd)
        return stats.isDirectory() ? tolerating(...cannotFlush)(fsync(target, fd)) : Effect.void
      }),
    (fd) => drop(target, fd),
  ).pipe(tolerating("ELOOP", "EMLINK", "ENXIO", "ENODEV"))
