import { isUtf8 } from "node:buffer"

/** The longest line that is listened to, in bytes, its end not counted. */
export const maxLineBytes = 1024 * 1024

const newline = 10

/** In front of a line that isn't UTF-8, so that nobody takes it for JSON. */
const broken = "\uFFFD"

const decode = (bytes: Buffer): string => (isUtf8(bytes) ? bytes.toString() : broken + bytes.toString())

/** Cuts a stream of bytes into lines, in memory that is bounded by the longest line. */
export interface LineSplitter {
  /** The lines that this chunk ends; `null` when one is too long: nothing more can be read. */
  readonly push: (chunk: Buffer) => ReadonlyArray<string> | null
  /** What is left when the stream ends in the middle of a line; `null` when it doesn't. */
  readonly rest: () => string | null
}

/**
 * A splitter for one stream. Bytes are copied together in one buffer: a list of chunks would cost a hundred
 * times what they hold when a process writes them one by one.
 */
export const makeLineSplitter = (): LineSplitter => {
  let held = Buffer.alloc(0)
  let size = 0

  const hold = (part: Buffer): void => {
    if (size + part.length > held.length) {
      const larger = Buffer.allocUnsafe(Math.min(maxLineBytes, 2 * (size + part.length)))
      held.copy(larger, 0, 0, size)
      held = larger
    }
    part.copy(held, size)
    size += part.length
  }

  const take = (part: Buffer): string => {
    if (size === 0) return decode(part)
    hold(part)
    const line = decode(held.subarray(0, size))
    size = 0
    return line
  }

  return {
    push: (chunk) => {
      const lines: Array<string> = []
      let from = 0
      while (true) {
        const end = chunk.indexOf(newline, from)
        const part = chunk.subarray(from, end === -1 ? chunk.length : end)
        if (size + part.length > maxLineBytes) return null
        if (end === -1) {
          hold(part)
          return lines
        }
        lines.push(take(part))
        from = end + 1
      }
    },
    rest: () => (size === 0 ? null : take(Buffer.alloc(0))),
  }
}
