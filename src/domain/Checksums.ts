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
 * The text of a `checksums.sha256`, sorted by path: what `sha256sum` writes and `sha256sum -c` accepts, run
 * in the directory itself. A name with a backslash or a line break has them escaped, and a backslash before
 * its line says so.
 */
export const checksumsText = (entries: Iterable<Checksum>): string =>
  [...entries]
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(line)
    .join("")

const unescapes: Readonly<Record<string, string>> = { "\\\\": "\\", "\\n": "\n", "\\r": "\r" }

/** Reads such a text back; null for a line that isn't one. */
export const parseChecksums = (text: string): ReadonlyArray<Checksum> | null => {
  const entries = text
    .split("\n")
    .filter((one) => one !== "")
    .map((one): Checksum | null => {
      const [, mark = "", sha256 = "", path = ""] = /^(\\?)([0-9a-f]{64}) [ *](.+)$/s.exec(one) ?? []
      if (sha256 === "") return null
      return {
        sha256,
        path: mark === "" ? path : path.replaceAll(/\\[\\nr]/g, (pair) => unescapes[pair] ?? pair),
      }
    })
  return entries.every((entry) => entry !== null) ? entries : null
}
