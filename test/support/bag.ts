import { createHash } from "node:crypto"
import { lstatSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The files and folders below a folder, relative, sorted. */
export const treeOf = (
  folder: string,
): { readonly files: ReadonlyArray<string>; readonly directories: ReadonlyArray<string> } => {
  const files: Array<string> = []
  const directories: Array<string> = []
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = `${below}${entry.name}`
      ;(entry.isDirectory() ? directories : files).push(path)
      if (entry.isDirectory()) walk(`${path}/`)
    }
  }
  walk("")
  return { files: files.toSorted(), directories: directories.toSorted() }
}

export const sha256Of = (path: string): string =>
  createHash("sha256").update(readFileSync(path)).digest("hex")

const linesOf = (text: string): ReadonlyArray<string> => text.split("\n").slice(0, -1)

const decoded = (path: string): string =>
  path.replaceAll(/%(0A|0D|25)/gi, (escape) => decodeURIComponent(escape))

/** Path to digest; null for a text that is no manifest. */
const manifestOf = (text: string): ReadonlyMap<string, string> | null => {
  const lines = linesOf(text).map((line) => /^([0-9a-f]{64})[ \t]+(\S.*|\s.*)$/.exec(line))
  if (text !== "" && !text.endsWith("\n")) return null
  return lines.every((line) => line !== null)
    ? new Map(lines.map((line) => [decoded(line[2] ?? ""), line[1] ?? ""]))
    : null
}

const manifestProblems = (
  bag: string,
  name: string,
  wanted: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const manifest = manifestOf(readFileSync(join(bag, name), "utf8"))
  if (manifest === null) return [`${name} can't be read`]
  return [
    ...wanted.filter((path) => !manifest.has(path)).map((path) => `${name} lacks ${path}`),
    ...[...manifest].flatMap(([path, sha256]) => {
      if (!wanted.includes(path)) return [`${name} names ${path}`]
      return sha256Of(join(bag, path)) === sha256 ? [] : [`${path} has another digest`]
    }),
  ]
}

/** What keeps a folder from being a complete and valid bag: RFC 8493, sections 2 and 3. */
export const bagProblems = (bag: string): ReadonlyArray<string> => {
  const { files } = treeOf(bag)
  const payload = files.filter((path) => path.startsWith("data/"))
  const tags = files.filter((path) => !path.startsWith("data/"))
  const read = (name: string): string => readFileSync(join(bag, name), "utf8")
  const info = linesOf(read("bag-info.txt"))
  const bytes = payload.reduce((sum, path) => sum + lstatSync(join(bag, path)).size, 0)
  return [
    ...(read("bagit.txt") === "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
      ? []
      : ["bagit.txt"]),
    ...info.filter((line) => !/^[\w-]+: \S(?:.*\S)?$/.test(line)).map((line) => `bag-info.txt: ${line}`),
    ...(info.includes(`Payload-Oxum: ${bytes}.${payload.length}`) ? [] : ["Payload-Oxum"]),
    ...(info.some((line) => /^Bagging-Date: \d{4}-\d\d-\d\d$/.test(line)) ? [] : ["Bagging-Date"]),
    ...manifestProblems(bag, "manifest-sha256.txt", payload),
    ...manifestProblems(
      bag,
      "tagmanifest-sha256.txt",
      tags.filter((path) => path !== "tagmanifest-sha256.txt"),
    ),
  ]
}
