import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

export interface SourceFile {
  /** Relative to the project, `/` between segments. */
  readonly path: string
  readonly text: string
}

/** The programs below a folder of the project: TypeScript, and modules that plain Node runs. */
export const sourceFiles = (folder: string): ReadonlyArray<SourceFile> =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:ts|mjs)$/.test(name))
    .sort()
    .map((name) => {
      const path = `${folder}/${name}`
      return { path, text: readFileSync(join(root, path), "utf8") }
    })

/** The code without its comments, which may name what the code may not use. Lines keep their numbers. */
const withoutComments = (text: string): string =>
  text
    .replace(/\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/(^|\s)\/\/[^\n]*/g, "$1")

/** `path:line` of each match. */
export const occurrences = (file: SourceFile, pattern: RegExp): ReadonlyArray<string> =>
  withoutComments(file.text)
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}  ${line.trim()}`] : []))
