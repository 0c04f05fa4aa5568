import * as fs from "node:fs"
import { Effect, Either } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import {
  answer,
  type Done,
  finish,
  immediate,
  onward,
  type Operation,
  type Outcome,
  refused,
  type Target,
} from "./systemCall.ts"

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants

/** Follows no link and waits for no pipe. */
export const readOnly = O_RDONLY | O_NOFOLLOW | O_NONBLOCK

const newFileMode = 0o644

export const open = (target: Target, flags: number): Effect.Effect<number, DiskError> =>
  Effect.async((resume) => fs.open(target.native, flags, newFileMode, answer(target, resume)))

const closeNow = (operation: Operation, fd: number): Outcome<void> =>
  immediate(operation, () => fs.closeSync(fd))

/** A network file system sends at the close what it held back: more than this isn't waited for directly. */
const heldBackBytes = 64 * 1024

/** Closes a file after a write of so many bytes, which may fail only now. */
export const close = (operation: Operation, fd: number, written: number, done: Done<void>): void =>
  written <= heldBackBytes ? done(closeNow(operation, fd)) : fs.close(fd, finish(operation, done))

/** Closes a file that has nothing to send. */
export const drop = (operation: Operation, fd: number): Effect.Effect<void> =>
  Effect.sync(() => void closeNow(operation, fd))

/** The system has just looked the file up to open it. */
export const fstat = (operation: Operation, fd: number): Outcome<fs.BigIntStats> =>
  immediate(operation, () => fs.fstatSync(fd, { bigint: true }))

/** Opens a file; closing it is up to `use`. */
export const opened = <A>(
  target: Target,
  flags: number,
  mode: number | undefined,
  done: Done<A>,
  use: (fd: number) => void,
): void => fs.open(target.native, flags, mode ?? newFileMode, answer(target, onward(done, use)))

/** Closes a file of which nothing is to be heard any more, then tells. */
export const closing =
  <A>(operation: Operation, fd: number, done: Done<A>): Done<A> =>
  (outcome) => {
    closeNow(operation, fd)
    done(outcome)
  }

/** The size of an open file; what isn't a regular one, a pipe say, is refused. */
export const regularFile = (target: Target, fd: number): Outcome<number> =>
  Either.flatMap(fstat(target, fd), (stats) =>
    stats.isFile()
      ? Either.right(Number(stats.size))
      : refused(target, stats.isDirectory() ? "EISDIR" : "EINVAL"),
  )

/** Opens a file to read it, and closes it when `use` is done. The type is asked of what was opened, not of the path. */
export const openedRegular = <A>(
  target: Target,
  done: Done<A>,
  use: (fd: number, size: number, done: Done<A>) => void,
): void =>
  opened(target, readOnly, undefined, done, (fd) => {
    const closed = closing(target, fd, done)
    onward(closed, (size: number) => use(fd, size, closed))(regularFile(target, fd))
  })
