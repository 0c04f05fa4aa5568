import { textProblem } from "../../../../src/domain/Json.ts"

/** rclone's sign that the next character stands for itself: names that hold it don't survive the way there. */
const quote = "\u201B"

const symbols = 0x2400
const symbolForDelete = 0x2421

const carried = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(symbols + code)
  if (code === 0x7f) return String.fromCodePoint(symbolForDelete)
  return (code > symbols && code < symbols + 0x20) || code === symbolForDelete ? quote + char : char
}

/**
 * A path as rclone calls it, in lists and in answers: control characters are shown by symbols, and such symbols are
 * quoted (rclone's documentation, "Restricted filenames"), so that no name breaks a line. Null for names that
 * rclone can't carry: those with U+201B, and those that aren't UTF-8.
 */
export const rcloneName = (path: string): string | null =>
  path.includes(quote) || textProblem(path) !== null ? null : [...path].map(carried).join("")

/** The path that rclone calls so. */
export const nameOfRclone = (name: string): string =>
  name.replaceAll(/\u201B?[\u2400-\u241F\u2421]/g, (sign) => {
    if (sign.startsWith(quote)) return sign.slice(quote.length)
    const code = sign.codePointAt(0) ?? 0
    if (code === symbols) return sign
    return String.fromCodePoint(code === symbolForDelete ? 0x7f : code - symbols)
  })
