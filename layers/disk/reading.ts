import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { Effect } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import { withRegularFile } from "./openFile.ts"
import { type Operation, query, refuse, type Target } from "./systemCall.ts"

const chunkBytes = 256 * 1024

/** What a single read can take. */
const readable = 2 ** 31 - 2

const read = (operation: Operation, fd: number, into: Uint8Array): Effect.Effect<number, DiskError> =>
  query(operation, (done) => fs.read(fd, into, 0, into.length, null, (error, count) => done(error, count)))

/** Reads to the end; a file that grows meanwhile is read on, up to the limit. */
const readAll = (
  target: Target,
  fd: number,
  size: number,
  maxBytes: number,
): Effect.Effect<Uint8Array, DiskError> => {
  const parts: Array<Uint8Array> = []
  const step = (total: number, expected: number): Effect.Effect<Uint8Array, DiskError> => {
    // One byte more than expected tells the end of the file from a file that grew.
    const buffer = Buffer.allocUnsafeSlow(Math.min(expected, maxBytes - total) + 1)
    return Effect.flatMap(read(target, fd, buffer), (count) => {
      if (total + count > maxBytes) return Effect.fail(refuse(target, "EFBIG"))
      const part = buffer.subarray(0, count)
      if (parts.length === 0 && count === size) return Effect.succeed(part)
      parts.push(part)
      return count === 0 ? Effect.sync(() => Buffer.concat(parts)) : step(total + count, chunkBytes)
    })
  }
  return step(0, size)
}

export const readFile = (target: Target, limit: number): Effect.Effect<Uint8Array, DiskError> => {
  const maxBytes = Math.min(limit, readable)
  return withRegularFile(target, (fd, size) =>
    size > maxBytes ? Effect.fail(refuse(target, "EFBIG")) : readAll(target, fd, size, maxBytes),
  )
}

/** The one operation that may be long: an interruption falls between two reads. */
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
