import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export const inRoot = (...parts) => join(root, ...parts)

/** The program that a dependency installs, e.g. `tsc`. */
export const tool = (name) => inRoot("node_modules", ".bin", name)

/** For programs whose output goes into a log: some colour it wherever CI is set. */
export const plainOutput = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined }

/** Null when the file is absent or not JSON. */
export const readJson = (path) => {
  try {
    return JSON.parse(readFileSync(path, "utf8"))
  } catch {
    return null
  }
}

/** Changes when one of the files does: names, sizes and modification times, not contents. */
export const fingerprint = (files) => {
  const hash = createHash("sha256")
  for (const file of files) {
    const info = statSync(file, { throwIfNoEntry: false })
    hash.update(`${file}\0${info?.size}\0${info?.mtimeMs}\n`)
  }
  return hash.digest("hex")
}
