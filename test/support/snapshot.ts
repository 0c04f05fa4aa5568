import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"

const contentOf = (path: string, type: "file" | "link" | "other"): string =>
  type === "file" ? readFileSync(path, "base64") : type === "link" ? readlinkSync(path) : ""

/**
 * Everything at a path and below it: what it is, its inode, mode and times, and what it holds. Two equal
 * snapshots mean that nobody wrote anything between them; of a path that isn't there it is empty.
 */
export const snapshotOf = (path: string): ReadonlyMap<string, string> => {
  const info = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (info === undefined) return new Map()
  const facts = `${info.ino} ${info.mode} ${info.mtimeNs} ${info.ctimeNs}`
  if (!info.isDirectory()) {
    const type = info.isFile() ? "file" : info.isSymbolicLink() ? "link" : "other"
    return new Map([[path, `${type} ${facts} ${contentOf(path, type)}`]])
  }
  const below = readdirSync(path).flatMap((name) => [...snapshotOf(join(path, name))])
  return new Map([[path, `directory ${facts}`], ...below])
}
