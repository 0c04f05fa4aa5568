import { isUtf8 } from "node:buffer"
import { textProblem } from "../../src/domain/Json.ts"

/**
 * File names are bytes; some aren't UTF-8. Such bytes appear in our strings as U+DC80–U+DCFF, as in
 * Python's `surrogateescape` (PEP 383), so that a tree holding them can be walked and deleted.
 */
const escapeBase = 0xdc00

const isEscape = (unit: number): boolean => unit >= escapeBase + 0x80 && unit <= escapeBase + 0xff

const sequenceLength = (bytes: Buffer, start: number): number =>
  [1, 2, 3, 4].find((length) => isUtf8(bytes.subarray(start, start + length))) ?? 0

/** A name as the system gave it, as a string that leads back to it. */
export const decodeName = (bytes: Buffer): string => {
  if (isUtf8(bytes)) return bytes.toString("utf8")
  let text = ""
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    text +=
      length === 0
        ? String.fromCharCode(escapeBase + bytes.readUInt8(at))
        : bytes.toString("utf8", at, at + length)
    at += Math.max(length, 1)
  }
  return text
}

/** The path for a system call, or the errno of a path that can't be one. */
export const encodePath = (
  path: string,
): { readonly native: string | Buffer } | { readonly errno: "EINVAL" | "EILSEQ" } => {
  if (textProblem(path) === null) return { native: path }
  if (path.includes("\0")) return { errno: "EINVAL" }
  const parts: Array<Buffer> = []
  for (const char of path) {
    const unit = char.length === 1 ? char.charCodeAt(0) : 0
    if (isEscape(unit)) parts.push(Buffer.from([unit - escapeBase]))
    else if (unit >= 0xd800 && unit <= 0xdfff) return { errno: "EILSEQ" }
    else parts.push(Buffer.from(char, "utf8"))
  }
  return { native: Buffer.concat(parts) }
}
