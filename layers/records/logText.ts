import { recordTime } from "../../src/domain/RunDate.ts"
import type { LogLine } from "../../src/ports/WizardLog.ts"

/** Bytes of a line, with its line feed. */
export const maxLineBytes = 1024

const cut = "...[truncated]"

/** Controls, line ends, byte order marks, lone surrogates, the marks that reorder what a person reads, and the backslash. */
const unsafe = String.raw`\\\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\p{Cs}`
const unsafeInText = new RegExp(`[${unsafe}]`, "gu")
/** Inside a tag its own brackets are escaped, too: a value can't look like another tag. */
const unsafeInTag = new RegExp(String.raw`[\[\]${unsafe}]`, "gu")

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" }

const escapeChar = (char: string): string =>
  short[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`

/* Every character is at least one byte: no more than these many can fit. */
const start = (text: string): string => text.slice(0, maxLineBytes)

const widthOf = (printable: string): number => Buffer.byteLength(printable, "utf8")

/** What must not be split: an escape, or a character. */
const pieces = /\\(?:u[0-9a-f]{4}|.)|./gu

/** As much of a line as fits with the mark of one that was cut. */
const cutTo = (limit: number, line: string): string => {
  let width = cut.length
  let end = 0
  for (const [piece] of line.matchAll(pieces)) {
    width += widthOf(piece)
    if (width > limit) break
    end += piece.length
  }
  return line.slice(0, end) + cut
}

const tag = (name: string, value: string | undefined): string =>
  value === undefined || value === "" ? "" : `[${name}:${start(value).replace(unsafeInTag, escapeChar)}] `

const lineOf = (host: string, { at, level, message, tags }: LogLine): string =>
  [
    `${recordTime(at)} [${level.padEnd(5)}] `,
    tag("host", host),
    tag("equip", tags.equip),
    tag("proj", tags.proj),
    tag("kind", tags.kind),
    tag("run", tags.run),
    start(message).replace(unsafeInText, escapeChar),
  ].join("")

const maxWidth = maxLineBytes - 1

/** One event as one line, whatever its texts hold: at most 1 KiB with the line feed. */
export const formatLogLine = (host: string, line: LogLine): string => {
  const text = lineOf(host, line)
  return `${widthOf(text) <= maxWidth ? text : cutTo(maxWidth, text)}\n`
}

/** `wizard.<host>.log`, with nothing in the host's name that a file name can't hold. */
export const logFileName = (host: string): string =>
  `wizard.${host.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 64) || "unknown"}.log`
