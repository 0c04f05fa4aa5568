import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import type { Entry, Tree } from "./model.ts"

const writeEntry = (path: string, entry: Entry): void => {
  switch (entry.type) {
    case "directory":
      mkdirSync(path)
      return chmodSync(path, entry.mode)
    case "file":
      writeFileSync(path, entry.content)
      return chmodSync(path, entry.mode)
    case "link":
      return symlinkSync(entry.target, path)
  }
}

/** Puts a tree of the model on the disk. */
export const writeModel = (root: string, tree: Tree): void => {
  mkdirSync(root)
  const parentsFirst = [...tree].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [path, entry] of parentsFirst) writeEntry(join(root, path), entry)
}

const readEntry = (path: string): Entry => {
  const info = lstatSync(path)
  const mode = info.mode & 0o7777
  if (info.isDirectory()) return { type: "directory", mode }
  if (info.isSymbolicLink()) return { type: "link", target: readlinkSync(path) }
  return { type: "file", content: readFileSync(path, "utf8"), mode }
}

/** The tree that is on the disk. */
export const readModel = (root: string, below = ""): Tree =>
  new Map(
    readdirSync(join(root, below)).flatMap((name) => {
      const path = join(below, name)
      const entry = readEntry(join(root, path))
      return [[path, entry] as const, ...(entry.type === "directory" ? readModel(root, path) : [])]
    }),
  )
