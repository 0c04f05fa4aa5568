/**
 * The rules for one name in a path. A name that breaks one is refused, never repaired: a repaired name
 * would send two different inputs to the same place.
 */

export type SegmentRule = "illegal_filesystem_character" | "reserved_filesystem_name" | "segment_length"

export interface SegmentProblem {
  readonly rule: SegmentRule
  /** The part of the name that breaks the rule. */
  readonly token: string
  readonly detail: string
}

const maxSegmentBytes = 255
const maxProjectBytes = 200

// Separators, the characters Windows forbids, C0 and C1 controls, and the marks that reorder what a person reads.
const illegal = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const loneSurrogate = /\p{Surrogate}/u
const reserved = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])\s*(?:\..*)?$/iu

const encoder = new TextEncoder()

export const byteLength = (text: string): number => encoder.encode(text).length

const printable = (char: string): string =>
  `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`

/** Everything that is wrong with `name` as one segment of a path. */
export const segmentProblems = (name: string): ReadonlyArray<SegmentProblem> => {
  if (name === "") return [{ rule: "segment_length", token: "", detail: "is empty" }]
  if (name === "." || name === "..") {
    return [{ rule: "illegal_filesystem_character", token: name, detail: "is a relative path" }]
  }
  const problems: Array<SegmentProblem> = []
  const found = illegal.exec(name) ?? loneSurrogate.exec(name)
  if (found !== null) {
    problems.push({
      rule: "illegal_filesystem_character",
      token: found[0],
      detail: `contains the character ${printable(found[0])}`,
    })
  }
  if (/^\s|\s$/u.test(name)) {
    problems.push({
      rule: "illegal_filesystem_character",
      token: /\s$/u.test(name) ? name.slice(-1) : name.slice(0, 1),
      detail: "begins or ends with a space",
    })
  }
  if (name.endsWith(".")) {
    problems.push({ rule: "illegal_filesystem_character", token: ".", detail: "ends with a dot" })
  }
  if (reserved.test(name)) {
    problems.push({ rule: "reserved_filesystem_name", token: name, detail: "is a reserved device name" })
  }
  if (byteLength(name) > maxSegmentBytes) {
    problems.push({ rule: "segment_length", token: name, detail: `is longer than ${maxSegmentBytes} bytes` })
  }
  return problems
}

/** What is wrong with `name` as a project's folder, in words; empty when nothing is. */
export const projectNameProblems = (name: string): ReadonlyArray<string> => [
  ...segmentProblems(name).map((problem) => problem.detail),
  ...(name.startsWith(".") && name !== "." && name !== ".." ? ["begins with a dot"] : []),
  ...(/^(?:runs|testruns)$/iu.test(name) ? ["is the name of a folder for runs"] : []),
  ...(byteLength(name) > maxProjectBytes ? [`is longer than ${maxProjectBytes} bytes`] : []),
]

/** Two names with the same key collide on some file system: case and Unicode normal form don't count. */
export const collisionKey = (name: string): string => name.normalize("NFC").toLowerCase().normalize("NFC")

const equipmentId = /^[A-Z][A-Z0-9_]{0,31}$/

export const isEquipmentId = (id: string): boolean => equipmentId.test(id)
