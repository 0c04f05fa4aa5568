/** What is kept of a stream's end, in bytes. */
export const tailBytes = 64 * 1024

/** Remembers the end of a stream, in fixed memory. */
export interface Tail {
  readonly push: (chunk: Buffer) => void
  /** Bytes that aren't UTF-8 are U+FFFD. */
  readonly text: () => string
}

export const makeTail = (): Tail => {
  const held = Buffer.allocUnsafe(2 * tailBytes)
  let size = 0
  return {
    push: (chunk) => {
      const part = chunk.subarray(-tailBytes)
      if (size + part.length > held.length) {
        held.copyWithin(0, size - tailBytes, size)
        size = tailBytes
      }
      part.copy(held, size)
      size += part.length
    },
    text: () => held.subarray(Math.max(0, size - tailBytes), size).toString(),
  }
}
