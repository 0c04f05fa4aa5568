import * as fs from "node:fs"
import { Either } from "effect"
import { closing, opened, openedRegular, regularFile } from "./openFile.ts"
import { answer, type Done, finish, onward, type Target } from "./systemCall.ts"

const { O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = fs.constants

interface Piece {
  readonly offset: number
  readonly length: number
}

/** Memory of pieces that are done with: to get it anew for each costs more than to copy a small file. */
const spare: Array<Buffer> = []
const mostSpare = 4

const borrow = (length: number): Buffer => {
  const found = spare.pop()
  return found !== undefined && found.length >= length ? found : Buffer.allocUnsafeSlow(length)
}

const giveBack = (buffer: Buffer): void => {
  if (spare.length < mostSpare) spare.push(buffer)
}

/** Reads until the piece is full or the file ends. */
const readPiece = (
  source: Target,
  fd: number,
  buffer: Buffer,
  { length, offset }: Piece,
  done: Done<Buffer>,
): void => {
  const step = (filled: number): void => {
    const next = (count: number): void =>
      count === 0 || filled + count === length
        ? done(Either.right(buffer.subarray(0, filled + count)))
        : step(filled + count)
    fs.read(fd, buffer, filled, length - filled, offset + filled, answer(source, onward(done, next)))
  }
  step(0)
}

const writePiece = (target: Target, fd: number, bytes: Buffer, offset: number, done: Done<void>): void => {
  const next = (count: number): void =>
    count === bytes.length
      ? done(Either.right(undefined))
      : writePiece(target, fd, bytes.subarray(count), offset + count, done)
  fs.write(fd, bytes, 0, bytes.length, offset, answer(target, onward(done, next)))
}

/** Bytes that are looked at for something else than zeros. */
const zeros = Buffer.alloc(64 * 1024)

const isZero = (bytes: Buffer): boolean => {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length)
    if (!part.equals(zeros.subarray(0, part.length))) return false
  }
  return true
}

const put = (target: Target, bytes: Buffer, offset: number, done: Done<number>): void =>
  opened(target, O_WRONLY | O_NOFOLLOW | O_NONBLOCK, undefined, done, (fd) => {
    const failed = closing(target, fd, done)
    const count = Either.right(bytes.length)
    // A share sends at the close what it held back, and its server may be gone: never waited for directly.
    const written = (): void =>
      fs.close(
        fd,
        finish(
          target,
          onward(done, () => done(count)),
        ),
      )
    const write = (): void =>
      isZero(bytes)
        ? fs.ftruncate(fd, offset + bytes.length, finish(target, onward(failed, written)))
        : writePiece(target, fd, bytes, offset, onward(failed, written))
    onward(failed, write)(regularFile(target, fd))
  })

export const read = (source: Target, piece: Piece, done: Done<Uint8Array>): void =>
  openedRegular<Buffer>(source, done, (fd, _, closed) =>
    readPiece(source, fd, Buffer.allocUnsafeSlow(piece.length), piece, closed),
  )

/** Copies a piece to the same place of a file that ends where the piece begins. */
export const copy = (source: Target, target: Target, piece: Piece, done: Done<number>): void => {
  const buffer = borrow(piece.length)
  const over: Done<number> = (outcome) => {
    giveBack(buffer)
    done(outcome)
  }
  openedRegular<Buffer>(
    source,
    onward(over, (bytes) =>
      bytes.length === 0 ? over(Either.right(0)) : put(target, bytes, piece.offset, over),
    ),
    (fd, _, closed) => readPiece(source, fd, buffer, piece, closed),
  )
}
