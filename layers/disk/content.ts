import * as fs from "node:fs"
import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import { absentOk, type Operation, perform, query, refuse, type Target } from "./systemCall.ts"

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants

const chunkBytes = 256 * 1024

export const open = (target: Target, flags: number, mode = 0o644): Effect.Effect<number, DiskError> =>
  query(target, (done) => fs.open(target.native, flags, mode, done))

export const close = (operation: Operation, fd: number): Effect.Effect<void, DiskError> =>
  perform(operation, (done) => fs.close(fd, done))

export const fstat = (operation: Operation, fd: number): Effect.Effect<fs.BigIntStats, DiskError> =>
  query(operation, (done) => fs.fstat(fd, { bigint: true }, done))

const fsync = (operation: Operation, fd: number): Effect.Effect<void, DiskError> =>
  perform(operation, (done) => fs.fsync(fd, done))

const read = (operation: Operation, fd: number, into: Uint8Array): Effect.Effect<number, DiskError> =>
  query(operation, (done) => fs.read(fd, into, 0, into.length, null, (error, count) => done(error, count)))

const writeAll = (operation: Operation, fd: number, bytes: Uint8Array): Effect.Effect<void, DiskError> =>
  query<number>(operation, (done) =>
    fs.write(fd, bytes, 0, bytes.length, null, (error, n) => done(error, n)),
  ).pipe(
    Effect.flatMap((written) =>
      written < bytes.length ? writeAll(operation, fd, bytes.subarray(written)) : Effect.void,
    ),
  )

/** Opens neither links nor, blocking, pipes and devices; the type is asked of what was opened. */
const withRegularFile = <A>(
  target: Target,
  use: (fd: number, size: number) => Effect.Effect<A, DiskError>,
): Effect.Effect<A, DiskError> =>
  Effect.acquireUseRelease(
    open(target, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
    (fd) =>
      Effect.flatMap(fstat(target, fd), (stats) =>
        stats.isFile()
          ? use(fd, Number(stats.size))
          : Effect.fail(refuse(target, stats.isDirectory() ? "EISDIR" : "EINVAL")),
      ),
    (fd) => Effect.ignore(close(target, fd)),
  )

/** Reads to the end; a file that grows meanwhile is read on, up to the limit. */
const readRest = (
  target: Target,
  fd: number,
  expected: number,
  maxBytes: number,
  before: ReadonlyArray<Uint8Array>,
  total: number,
): Effect.Effect<Uint8Array, DiskError> =>
  Effect.suspend(() => {
    // One byte more than expected tells the end of the file from a file that grew.
    const buffer = Buffer.allocUnsafeSlow(Math.min(Math.max(expected - total, 0), maxBytes - total) + 1)
    return Effect.flatMap(read(target, fd, buffer), (count) => {
      const soFar = total + count
      if (soFar > maxBytes) return Effect.fail(refuse(target, "EFBIG"))
      const parts = [...before, buffer.subarray(0, count)]
      return count < buffer.length && (count === 0 || soFar >= expected)
        ? Effect.succeed(parts.length === 1 ? buffer.subarray(0, count) : Buffer.concat(parts))
        : readRest(target, fd, Math.max(expected, soFar + chunkBytes), maxBytes, parts, soFar)
    })
  })

/** What a single read can take. */
const readable = 2 ** 31 - 2

export const readFile = (target: Target, limit: number): Effect.Effect<Uint8Array, DiskError> => {
  const maxBytes = Math.min(limit, readable)
  return withRegularFile(target, (fd, size) =>
    size > maxBytes ? Effect.fail(refuse(target, "EFBIG")) : readRest(target, fd, size, maxBytes, [], 0),
  )
}

/** The one operation that may be long, so that an interruption falls between two reads. */
export const hashFile = (target: Target): Effect.Effect<string, DiskError> =>
  withRegularFile(target, (fd, size) => {
    const hash = createHash("sha256")
    const buffer = Buffer.allocUnsafe(Math.min(size, chunkBytes) + 1)
    const step: Effect.Effect<string, DiskError> = Effect.flatMap(
      Effect.uninterruptible(read(target, fd, buffer)),
      (count) => {
        hash.update(buffer.subarray(0, count))
        return count === 0 ? Effect.sync(() => hash.digest("hex")) : step
      },
    )
    return step
  })

const removeQuietly = (target: Target): Effect.Effect<void> =>
  Effect.ignore(perform(target, (done) => fs.unlink(target.native, done)))

export const createFile = (
  target: Target,
  content: string | Uint8Array,
  { flush = false, mode = 0o644 }: { readonly mode?: number; readonly flush?: boolean },
): Effect.Effect<void, DiskError> =>
  open(target, O_WRONLY | O_CREAT | O_EXCL, mode).pipe(
    Effect.flatMap((fd) =>
      writeAll(target, fd, typeof content === "string" ? Buffer.from(content, "utf8") : content).pipe(
        Effect.zipRight(flush ? fsync(target, fd) : Effect.void),
        Effect.tapError(() => Effect.ignore(close(target, fd))),
        Effect.zipRight(close(target, fd)),
        Effect.tapError(() => removeQuietly(target)),
      ),
    ),
  )

export const append = (target: Target, content: string): Effect.Effect<void, DiskError> =>
  Effect.acquireUseRelease(
    open(target, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK),
    (fd) =>
      Effect.flatMap(fstat(target, fd), (stats) =>
        stats.isFile()
          ? writeAll(target, fd, Buffer.from(content, "utf8"))
          : Effect.fail(refuse(target, "EINVAL")),
      ),
    (fd) => Effect.ignore(close(target, fd)),
  )

/** On Linux the copy reads what was opened and checked, whatever the path names by then. */
const opened = (target: Target, fd: number): string | Buffer =>
  process.platform === "linux" ? `/proc/self/fd/${fd}` : target.native

const copyMode = fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE

/** libuv removes the new file when the copy fails. */
export const copyFile = (from: Target, to: Target): Effect.Effect<void, DiskError> =>
  withRegularFile(from, (fd) =>
    perform(to, (done) => fs.copyFile(opened(from, fd), to.native, copyMode, done)),
  )

/** What some network file systems say to a flush of a directory. */
const cannotFlush = ["EINVAL", "ENOTSUP", "EOPNOTSUPP"]

/** Links can't be opened so (`ELOOP`), sockets and idle devices neither (`ENXIO`, `ENODEV`). */
export const flush = (target: Target): Effect.Effect<void, DiskError> =>
  Effect.acquireUseRelease(
    open(target, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
    (fd) =>
      Effect.flatMap(fstat(target, fd), (stats) => {
        if (stats.isFile()) return fsync(target, fd)
        return stats.isDirectory() ? absentOk(...cannotFlush)(fsync(target, fd)) : Effect.void
      }),
    (fd) => Effect.ignore(close(target, fd)),
  ).pipe(absentOk("ELOOP", "EMLINK", "ENXIO", "ENODEV"))
