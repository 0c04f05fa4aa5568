import type { TargetEntry } from "../../../../src/ports/SyncTransport.ts"
import { decodeName } from "../../../disk/nativePath.ts"
import { unescaped } from "./escapes.ts"

/** A name in a pattern of `find -path`. */
export const inPattern = (name: string): string => name.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)

/** What `find` printed: folders, ended by NUL, an empty one, and everything else. The place itself is left out. */
export const entriesIn = (output: Buffer): ReadonlyArray<TargetEntry> => {
  const paths = decodeName(output).split("\0")
  const end = paths.indexOf("")
  return paths.flatMap((path, index) =>
    path.startsWith("./") ? [{ path: path.slice(2), isFolder: index < end }] : [],
  )
}

const line = /^([a-z-])\S{9}\S?\s+[\d,.]+ \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (.*)$/

/** What `rsync --list-only` printed. */
export const listedEntries = (output: string): ReadonlyArray<TargetEntry> =>
  output.split("\n").flatMap((one) => {
    const [, kind, name] = line.exec(one) ?? []
    return name === undefined || name === "." ? [] : [{ path: unescaped(name), isFolder: kind === "d" }]
  })
