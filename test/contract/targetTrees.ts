import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { dirname, join } from "node:path"
import type { Parcel } from "../../src/ports/SyncTransport.ts"

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const hashFile = (path: string): string => {
  const hash = createHash("sha256")
  const fd = fs.openSync(path, "r")
  const buffer = Buffer.allocUnsafe(2 ** 20)
  for (let count = -1; count !== 0;) {
    count = fs.readSync(fd, buffer)
    hash.update(buffer.subarray(0, count))
  }
  fs.closeSync(fd)
  return hash.digest("hex")
}

/** Names that take a tool that reads them in any other way than byte by byte apart. */
export const hostileNames: ReadonlyArray<string> = [
  " leading", "trailing ", "two  spaces", "\ttab", "new\nline", "\nnew", "ends\n", "carriage\rreturn", "ends\r",
  "it's", '"quoted"', "`id`", "$(touch x)", "${HOME}", ";touch x", "&& touch x", "| cat", "> out", "< in",
  "-rf", "--delete", "-e sh", "#comment", "; comment", "!bang", "~", "~root", "*", "?", "[a-z]", "{a,b}",
  "back\\slash", "ends\\", "\\n", "\\#012", "host:path", "rsync:__x", "::module", "a=b", "100%", "%41", "%2F", "@x", "+x",
  "- rule", "+ rule", "é", "e\u0301", "日本語", "🔬🧪", "\u202Eleft", "\uFEFFbom", "full／width", "full：width", "‛quote", "‛／",
  "␀symbol", "．", "．．", "...", ".hidden", "..two", ".exlab-partial-not", "con", "x".repeat(255), "é".repeat(127),
] // prettier-ignore

/** Writes files, and folders for paths that end with a slash. */
export const plant = (root: string, tree: Readonly<Record<string, string>>): void => {
  fs.mkdirSync(root, { recursive: true })
  for (const [path, content] of Object.entries(tree)) {
    if (path.endsWith("/")) fs.mkdirSync(join(root, path), { recursive: true })
    else {
      fs.mkdirSync(dirname(join(root, path)), { recursive: true })
      fs.writeFileSync(join(root, path), content)
    }
  }
}

interface Entry {
  readonly path: string
  readonly size: number | null
}

const walk = (root: string, below = ""): ReadonlyArray<Entry> =>
  fs.readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry): ReadonlyArray<Entry> => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`
    return entry.isDirectory()
      ? [{ path, size: null }, ...walk(root, path)]
      : [{ path, size: fs.lstatSync(join(root, path)).size }]
  })

/** Everything below a folder: files as SHA-256, folders as `folder`. */
export const treeOf = (root: string): Readonly<Record<string, string>> =>
  fs.existsSync(root)
    ? Object.fromEntries(
        walk(root).map(({ path, size }) => [path, size === null ? "folder" : hashFile(join(root, path))]),
      )
    : {}

/** Everything below a folder, to be brought to a place. */
export const parcelOf = (source: string, to: string): Parcel => {
  const entries = walk(source)
  return {
    source,
    files: entries.flatMap(({ path, size }) => (size === null ? [] : [{ path, size }])),
    directories: entries.flatMap(({ path, size }) => (size === null ? [path] : [])),
    to,
    bytesPerSecond: null,
  }
}
