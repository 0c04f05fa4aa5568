import { Effect } from "effect"
import type { Parcel, ParcelProgress } from "../../../../src/ports/SyncTransport.ts"
import { unescaped } from "./escapes.ts"

/** What one line of `--info=progress2 --out-format=%n` says. */
export type Said =
  | { readonly bytes: number; readonly files: number | null; readonly left: number | null }
  | { readonly name: string }

const sum = /^\s*([\d,.]+)\s+\d+%\s+\S+\/s\s+[\d:]+(?:\s+\(xfr#(\d+), (?:to|ir)-chk=(\d+)\/\d+\))?\s*$/

/** A line without its end. Null: it is empty. */
export const readLine = (line: string): Said | null => {
  const found = sum.exec(line)
  if (found !== null) {
    const [, bytes = "", files, left] = found
    return {
      bytes: Number(bytes.replaceAll(/\D/g, "")),
      files: files === undefined ? null : Number(files),
      left: left === undefined ? null : Number(left),
    }
  }
  return line === "" ? null : { name: unescaped(line) }
}

/** The longest line that is listened to: a path of 4,096 bytes, each escaped. */
const maxLine = 32 * 1024

/** Turns what rsync prints into progress that never falls, and that is whole at the end. */
export const makeProgress = (
  { files }: Parcel,
  report: (progress: ParcelProgress) => Effect.Effect<void>,
): {
  readonly onOutput: (chunk: Buffer) => Effect.Effect<void>
  readonly finished: Effect.Effect<void>
} => {
  const total = { bytes: files.reduce((before, { size }) => before + size, 0), files: files.length }
  let now: ParcelProgress = { bytes: 0, files: 0, currentFile: null }
  let rest = ""
  const hear = (said: Said): void => {
    now =
      "name" in said
        ? { ...now, currentFile: said.name.endsWith("/") ? now.currentFile : said.name }
        : {
            bytes: Math.max(now.bytes, Math.min(total.bytes, said.bytes)),
            files: Math.max(now.files, Math.min(total.files, said.files ?? 0)),
            currentFile: now.currentFile,
          }
  }
  return {
    onOutput: (chunk) =>
      Effect.suspend(() => {
        const lines = (rest + chunk.toString("latin1")).split(/[\r\n]/)
        rest = (lines.pop() ?? "").slice(-maxLine)
        const heard = lines.flatMap((line) => readLine(line) ?? [])
        heard.forEach(hear)
        return heard.length === 0 ? Effect.void : report(now)
      }),
    finished: Effect.suspend(() => report({ ...total, currentFile: now.currentFile })),
  }
}
