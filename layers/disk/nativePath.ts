import { isUtf8 } from "node:buffer"
import { bytesOfText, textOfBytes } from "../../src/domain/ByteText.ts"
import { textProblem } from "../../src/domain/Json.ts"

/** A name as the system gave it, as a string that leads back to it. */
export const decodeName = (bytes: Buffer): string =>
  isUtf8(bytes) ? bytes.toString("utf8") : textOfBytes(bytes)

/** Halves of surrogate pairs that stand for no byte of a name. */
const noByte = /(?![\udc80-\udcff])\p{Surrogate}/u

/** The path for a system call, or the errno of a path that can't be one. */
export const encodePath = (
  path: string,
): { readonly native: string | Buffer } | { readonly errno: "EINVAL" | "EILSEQ" } => {
  if (textProblem(path) === null) return { native: path }
  if (path.includes("\0")) return { errno: "EINVAL" }
  return noByte.test(path) ? { errno: "EILSEQ" } : { native: Buffer.from(bytesOfText(path)) }
}
