import { recordTime } from "../../src/domain/RunDate.ts"
import type { LogLine } from "../../src/ports/WizardLog.ts"

/** Bytes of a line, with its line feed. */
export const maxLineBytes = 1024

const cut = "...[truncated]"

/** Controls, line ends, byte order marks, lone surrogates, and the marks that reorder what a person reads. */
const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\p{Cs}]/u

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" }

const codeUnit = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`

const escapeChar = (char: string): string => short[char] ?? (unsafe.test(char) ? codeUnit(char) : char)

/** Inside a tag its own brackets are escaped, too: a value can't look like another tag. */
const escapeTagChar = (char: string): string =>
  char === "[" || char === "]" ? codeUnit(char) : escapeChar(char)

const widthOf = (printable: string): number => Buffer.byteLength(printable, "utf8")

/** Pieces that must not be split, as many as fit; the mark of a cut line when some don't. */
const fit = (pieces: Iterable<string>, limit: number): string => {
  let line = ""
  let width = 0
  /** How much of the line may stay when the mark is needed. */
  let kept = 0
  for (const piece of pieces) {
    width += widthOf(piece)
    if (width > limit) return line.slice(0, kept) + cut
    line += piece
    if (width <= limit - cut.length) kept = line.length
  }
  return line
}

/* Every character is at least one byte: no more than these many can fit. */
const start = (text: string): string => text.slice(0, maxLineBytes)

function* tagPieces(name: string, value: string | undefined): Generator<string> {
  if (value === undefined || value === "") return
  yield `[${name}:`
  for (const char of start(value)) yield escapeTagChar(char)
  yield "] "
}

function* piecesOf(host: string, { at, level, message, tags }: LogLine): Generator<string> {
  yield `${recordTime(at)} [${level.padEnd(5)}] `
  yield* tagPieces("host", host)
  yield* tagPieces("equip", tags.equip)
  yield* tagPieces("proj", tags.proj)
  yield* tagPieces("kind", tags.kind)
  yield* tagPieces("run", tags.run)
  for (const char of start(message)) yield escapeChar(char)
}

/** One event as one line, whatever its texts hold: at most 1 KiB with the line feed. */
export const formatLogLine = (host: string, line: LogLine): string =>
  `${fit(piecesOf(host, line), maxLineBytes - 1)}\n`

/** `wizard.<host>.log`, with nothing in the host's name that a file name can't hold. */
export const logFileName = (host: string): string =>
  `wizard.${host.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 64) || "unknown"}.log`
