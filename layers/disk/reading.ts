import { createHash, hash } from "node:crypto"
import * as fs from "node:fs"
import { Effect, Either, Option } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import { drop, open, openedRegular, readOnly, regularFile } from "./openFile.ts"
import {
  answer,
  type Done,
  onward,
  type Operation,
  type Outcome,
  refused,
  type Target,
} from "./systemCall.ts"

const chunkBytes = 256 * 1024

/** What a single read can take. */
const readable = 2 ** 31 - 2

const read = (operation: Operation, fd: number, into: Uint8Array, done: Done<number>): void =>
  fs.read(fd, into, 0, into.length, null, answer(operation, done))

/** Reads to the end; a file that grows meanwhile is read on, up to the limit. */
const readAll = (
  target: Target,
  fd: number,
  size: number,
  maxBytes: number,
  done: Done<Uint8Array>,
): void => {
  const parts: Array<Uint8Array> = []
  const step = (total: number, expected: number): void => {
    // One byte more than expected tells the end of the file from a file that grew.
    const buffer = Buffer.allocUnsafeSlow(Math.min(expected, maxBytes - total) + 1)
    const next = (count: number): void => {
      if (total + count > maxBytes) return done(refused(target, "EFBIG"))
      const part = buffer.subarray(0, count)
      if (parts.length === 0 && count === size) return done(Either.right(part))
      parts.push(part)
      return count === 0 ? done(Either.right(Buffer.concat(parts))) : step(total + count, chunkBytes)
    }
    read(target, fd, buffer, onward(done, next))
  }
  step(0, size)
}

export const readFile = (target: Target, limit: number, done: Done<Uint8Array>): void => {
  const maxBytes = Math.min(limit, readable)
  openedRegular(target, done, (fd, size, closed) =>
    size > maxBytes ? closed(refused(target, "EFBIG")) : readAll(target, fd, size, maxBytes, closed),
  )
}

/** Asks the system to forget what it remembers of an open file, where that can be asked. */
type Forget = Option.Option<(fd: number) => void>

/** The digest of a file that one read takes; none of a larger one. A chain of calls: there may be very many such files. */
const hashSmall = (target: Target, forget: Forget): Effect.Effect<Option.Option<string>, DiskError> =>
  Effect.uninterruptible(
    Effect.async((resume) => {
      openedRegular<Option.Option<string>>(target, resume, (fd, size, closed) => {
        if (size > chunkBytes) return closed(Either.right(Option.none()))
        if (Option.isSome(forget)) forget.value(fd)
        const buffer = Buffer.allocUnsafe(size + 1)
        const digested = (count: number): Outcome<Option.Option<string>> =>
          // One that grows or shrinks meanwhile isn't over with this read.
          Either.right(
            count === size ? Option.some(hash("sha256", buffer.subarray(0, size), "hex")) : Option.none(),
          )
        read(target, fd, buffer, (outcome) => closed(Either.flatMap(outcome, digested)))
      })
    }),
  )

/** The one operation that may be long: an interruption falls between two reads. */
const hashLarge = (
  target: Target,
  forget: Forget,
  onRead: (bytes: number) => Effect.Effect<void>,
): Effect.Effect<string, DiskError> =>
  Effect.acquireUseRelease(
    open(target, readOnly),
    (fd) =>
      Effect.flatMap(regularFile(target, fd), (size) => {
        if (Option.isSome(forget)) forget.value(fd)
        const digest = createHash("sha256")
        const buffer = Buffer.allocUnsafe(Math.min(size, chunkBytes) + 1)
        const chunk = Effect.async<number, DiskError>((resume) => read(target, fd, buffer, resume))
        const step = (before: number): Effect.Effect<string, DiskError> =>
          Effect.flatMap(Effect.uninterruptible(chunk), (count) => {
            digest.update(buffer.subarray(0, count))
            const total = before + count
            // A read that asked for more than the file has and got all there is has seen its end.
            const ended = count === 0 || (total === size && count < buffer.length)
            return ended
              ? Effect.sync(() => digest.digest("hex"))
              : Effect.flatMap(onRead(count), () => step(total))
          })
        return step(0)
      }),
    (fd) => drop(target, fd),
  )

export const hashFile = (
  target: Target,
  forget: Forget,
  onRead: (bytes: number) => Effect.Effect<void>,
): Effect.Effect<string, DiskError> =>
  Effect.flatMap(
    hashSmall(target, forget),
    Option.match({ onNone: () => hashLarge(target, forget, onRead), onSome: Effect.succeed }),
  )
