import * as fs from "node:fs"
import { Either } from "effect"
import { close, closing, fstat, opened, openedRegular, readOnly, regularFile } from "./openFile.ts"
import {
  answer,
  type Done,
  finish,
  nothing,
  onward,
  type Operation,
  refused,
  tolerating,
  type Target,
} from "./systemCall.ts"

const { COPYFILE_EXCL, COPYFILE_FICLONE, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } =
  fs.constants

/** What a single write can take. */
const writable = 2 ** 30

const writeAll = (operation: Operation, fd: number, bytes: Uint8Array, done: Done<void>): void => {
  const next = (written: number): void =>
    written < bytes.length ? writeAll(operation, fd, bytes.subarray(written), done) : done(nothing)
  fs.write(fd, bytes.subarray(0, writable), answer(operation, onward(done, next)))
}

interface Content {
  readonly content: string | Uint8Array
  readonly flush: boolean
}

/** A file that was written is closed, and the close heard; another one is just given back. */
const writeAndClose = (target: Target, fd: number, { content, flush }: Content, done: Done<void>): void => {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content
  const givenBack = closing(target, fd, done)
  const end = (): void => close(target, fd, flush ? 0 : bytes.length, done)
  const written = (): void => (flush ? fs.fsync(fd, finish(target, onward(givenBack, end))) : end())
  writeAll(target, fd, bytes, onward(givenBack, written))
}

/** What couldn't be written whole is removed again. */
const removing =
  (target: Target, done: Done<void>): Done<void> =>
  (outcome) =>
    Either.isRight(outcome) ? done(outcome) : fs.unlink(target.native, () => done(outcome))

export const createFile = (
  target: Target,
  content: string | Uint8Array,
  options: { readonly mode?: number; readonly flush?: boolean } | undefined,
  done: Done<void>,
): void =>
  opened(target, O_WRONLY | O_CREAT | O_EXCL, options?.mode, done, (fd) =>
    writeAndClose(target, fd, { content, flush: options?.flush === true }, removing(target, done)),
  )

export const append = (target: Target, content: string | Uint8Array, done: Done<void>): void =>
  opened(target, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, undefined, done, (fd) =>
    onward(closing(target, fd, done), () => writeAndClose(target, fd, { content, flush: false }, done))(
      regularFile(target, fd),
    ),
  )

/** On Linux the copy reads what was opened and checked, whatever the path names by then. */
const checked = (target: Target, fd: number): string | Buffer =>
  process.platform === "linux" ? `/proc/self/fd/${fd}` : target.native

/** libuv removes the new file when the copy fails. */
export const copyFile = (from: Target, to: Target, done: Done<void>): void =>
  openedRegular(from, done, (fd, _, closed) =>
    fs.copyFile(checked(from, fd), to.native, COPYFILE_EXCL | COPYFILE_FICLONE, finish(to, closed)),
  )

/** Names a file without opening it, so that one that nobody may read can be named, too. Linux; Node doesn't list it. */
const O_PATH = 0o10000000

/** `chmod(2)` follows links. On Linux the mode is that of what was looked at, whatever the path names by then. */
export const setMode = (target: Target, mode: number, done: Done<void>): void => {
  const unlessLink = (path: string | Buffer, told: Done<void>) => (stats: fs.StatsBase<bigint | number>) =>
    stats.isSymbolicLink() ? told(refused(target, "ELOOP")) : fs.chmod(path, mode, finish(target, told))
  if (process.platform !== "linux") {
    return fs.lstat(target.native, answer(target, onward(done, unlessLink(target.native, done))))
  }
  opened(target, O_PATH | O_NOFOLLOW, undefined, done, (fd) => {
    const closed = closing(target, fd, done)
    onward(closed, unlessLink(checked(target, fd), closed))(fstat(target, fd))
  })
}

/** What some network file systems say to a flush of a directory. */
const cannotFlush = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP"])

/** Links can't be opened so (`ELOOP`), sockets and idle devices neither (`ENXIO`, `ENODEV`). */
const nothingToFlush = new Set(["ELOOP", "EMLINK", "ENXIO", "ENODEV"])

export const flush = (target: Target, done: Done<void>): void => {
  const told = tolerating(nothingToFlush, done)
  opened(target, readOnly, undefined, told, (fd) => {
    const closed = closing(target, fd, told)
    const flushed = (stats: fs.BigIntStats): void => {
      if (stats.isFile()) return fs.fsync(fd, finish(target, closed))
      return stats.isDirectory()
        ? fs.fsync(fd, finish(target, tolerating(cannotFlush, closed)))
        : closed(nothing)
    }
    onward(closed, flushed)(fstat(target, fd))
  })
}
