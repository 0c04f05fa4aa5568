import type { Rule } from "./Finding.ts"
import { segmentProblems } from "./PathSegment.ts"
import { textProblems } from "./TextRules.ts"

export interface NameProblem {
  readonly rule: Rule
  readonly token: string
  readonly detail: string
}

/** A byte of a name that isn't UTF-8, as the `Disk` port spells it. */
const strayByte = /^[\udc80-\udcff]$/

const byteOf = (unit: string): string => (unit.charCodeAt(0) - 0xdc00).toString(16)

/** Text for people and for JSON: bytes that aren't UTF-8 are written `\xff`, other halves of pairs U+FFFD. */
export const printable = (name: string): string =>
  name.replace(/\p{Surrogate}/gu, (unit) => (strayByte.test(unit) ? `\\x${byteOf(unit)}` : "\ufffd"))

/** A path of somebody else's that an answer can repeat: no JSON has a NUL, nor halves of characters. */
export const legible = (path: string): string => printable(path).replaceAll("\u0000", "\ufffd")

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** A name or a text of somebody else's in a line of ours: what would break the line, or turn it round, is escaped. */
export const inOneLine = (text: string): string =>
  text.replace(
    unsafe,
    (char) => escapes[char] ?? `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  )

const hardProblems = (name: string): ReadonlyArray<NameProblem> =>
  segmentProblems(name).flatMap(({ rule, token, detail }) => {
    // A name that is too long can't be on the disk; the gate refuses it beforehand.
    if (rule === "segment_length") return []
    return strayByte.test(token)
      ? [{ rule, token: printable(token), detail: `holds the byte ${printable(token)}, which is not UTF-8` }]
      : [{ rule, token: printable(token), detail }]
  })

/** Everything that the rules for paths find in one name: each rule and token once. */
export const nameProblems = (name: string): ReadonlyArray<NameProblem> => {
  const leftovers = textProblems(name).map(({ rule, token, detail }) => ({ rule, token, detail }))
  const problems = [...hardProblems(name), ...leftovers]
  return problems.filter(
    ({ rule, token }, index) =>
      problems.findIndex((other) => other.rule === rule && other.token === token) === index,
  )
}
