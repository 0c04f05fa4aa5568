import { bytesOfText, textOfBytes } from "./ByteText.ts"

/** A path with its SHA-256, hexadecimal. */
export interface Checksum {
  readonly path: string
  readonly sha256: string
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r" }

const line = ({ path, sha256 }: Checksum): string => {
  const escaped = path.replaceAll(/[\\\n\r]/g, (char) => escapes[char] ?? char)
  return `${escaped === path ? "" : "\\"}${sha256}  ${escaped}\n`
}

/**
 * The bytes of a `checksums.sha256`, sorted by path: what `sha256sum` writes and `sha256sum -c` accepts, run in the
 * directory itself. A name with a backslash or a line break has them escaped, and a backslash before its line says
 * so; the bytes of a name that aren't UTF-8 are as they are.
 */
export const checksumsBytes = (entries: Iterable<Checksum>): Uint8Array =>
  bytesOfText(
    [...entries]
      .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
      .map(line)
      .join(""),
  )

/** A file that says more isn't read. */
export const maxChecksumsBytes = 256 * 1024 * 1024

const unescapes: Readonly<Record<string, string>> = { "\\\\": "\\", "\\n": "\n", "\\r": "\r" }

const entryOf = (line: string): Checksum | null => {
  const [, mark = "", sha256 = "", path = ""] = /^(\\?)([0-9a-f]{64}) [ *](.+)$/s.exec(line) ?? []
  if (sha256 === "") return null
  return {
    sha256,
    path: mark === "" ? path : path.replaceAll(/\\[\\nr]/g, (pair) => unescapes[pair] ?? pair),
  }
}

/** Reads them back. A line that isn't one is told by its number, the first is 1. */
export const parseChecksums = (
  bytes: Uint8Array,
): { readonly checksums: ReadonlyArray<Checksum>; readonly badLines: ReadonlyArray<number> } => {
  const checksums: Array<Checksum> = []
  const badLines: Array<number> = []
  for (const [index, line] of textOfBytes(bytes).split("\n").entries()) {
    if (line === "") continue
    const entry = entryOf(line)
    if (entry === null) badLines.push(index + 1)
    else checksums.push(entry)
  }
  return { checksums, badLines }
}
