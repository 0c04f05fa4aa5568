import * as fs from "node:fs"
import { Effect } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import { immediate, type Operation, perform, query, refuse, type Target } from "./systemCall.ts"

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants

/** Follows no link and waits for no pipe. */
export const readOnly = O_RDONLY | O_NOFOLLOW | O_NONBLOCK

export const open = (target: Target, flags: number, mode = 0o644): Effect.Effect<number, DiskError> =>
  query(target, (done) => fs.open(target.native, flags, mode, done))

const closeNow = (operation: Operation, fd: number): Effect.Effect<void, DiskError> =>
  immediate(operation, () => fs.closeSync(fd))

/** A network file system sends at the close what it held back: more than this isn't waited for directly. */
const heldBackBytes = 64 * 1024

/** Closes a file after a write of so many bytes, which may fail only now. */
export const close = (operation: Operation, fd: number, written: number): Effect.Effect<void, DiskError> =>
  written <= heldBackBytes ? closeNow(operation, fd) : perform(operation, (done) => fs.close(fd, done))

/** Closes a file that has nothing to send. */
export const drop = (operation: Operation, fd: number): Effect.Effect<void> =>
  Effect.ignore(closeNow(operation, fd))

/** The system has just looked the file up to open it. */
export const fstat = (operation: Operation, fd: number): Effect.Effect<fs.BigIntStats, DiskError> =>
  immediate(operation, () => fs.fstatSync(fd, { bigint: true }))

export const fsync = (operation: Operation, fd: number): Effect.Effect<void, DiskError> =>
  perform(operation, (done) => fs.fsync(fd, done))

/** The size of an open file; what isn't a regular one, a pipe say, is refused. */
export const regularFile = (target: Target, fd: number): Effect.Effect<number, DiskError> =>
  Effect.flatMap(fstat(target, fd), (stats) =>
    stats.isFile()
      ? Effect.succeed(Number(stats.size))
      : Effect.fail(refuse(target, stats.isDirectory() ? "EISDIR" : "EINVAL")),
  )

/** The type is asked of what was opened, not of the path. */
export const withRegularFile = <A>(
  target: Target,
  use: (fd: number, size: number) => Effect.Effect<A, DiskError>,
): Effect.Effect<A, DiskError> =>
  Effect.acquireUseRelease(
    open(target, readOnly),
    (fd) => Effect.flatMap(regularFile(target, fd), (size) => use(fd, size)),
    (fd) => drop(target, fd),
  )
