import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"

const entryOf = (path: string): string => {
  const info = lstatSync(path)
  const mode = (info.mode & 0o7777).toString(8)
  if (info.isFile()) return `file ${mode} ${readFileSync(path, "latin1")}`
  if (info.isSymbolicLink()) return `link ${readlinkSync(path)}`
  return `${info.isDirectory() ? "directory" : "special"} ${mode}`
}

/** What is below a root, by relative path: types, modes and contents. Two equal ones are equal trees. */
export const treeOf = (root: string, below = ""): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(join(root, below)).flatMap((name) => {
      const path = join(below, name)
      const entry = entryOf(join(root, path))
      return [[path, entry] as const, ...(entry.startsWith("directory") ? treeOf(root, path) : [])]
    }),
  )
