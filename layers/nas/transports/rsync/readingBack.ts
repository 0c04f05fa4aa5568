import { Effect } from "effect"
import { joinPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { together } from "../../../disk/together.ts"
import { withScratch } from "../tools/scratch.ts"
import { unescaped } from "./escapes.ts"
import { isMissing } from "./Files.ts"
import { fileList, type Rsync } from "./Rsync.ts"

interface Listed {
  readonly path: string
  readonly size: number
}

const line = /^-\S{9}\S?\s+([\d,.]+) \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (.*)$/

/** The files that `rsync --list-only` printed. */
export const listed = (output: string): ReadonlyArray<Listed> =>
  output.split("\n").flatMap((one) => {
    const [, size, name] = line.exec(one) ?? []
    return size === undefined || name === undefined
      ? []
      : [{ path: unescaped(name), size: Number(size.replaceAll(/\D/g, "")) }]
  })

/** Most that lies here at a time, but for a single larger file. */
const batchLimits = { bytes: 2 ** 30, files: 5000 }

/** Files in groups that are fetched one after the other. */
export const batches = (files: ReadonlyArray<Listed>): ReadonlyArray<ReadonlyArray<Listed>> => {
  const all: Array<Array<Listed>> = []
  let bytes = Infinity
  for (const file of files) {
    const last = all.at(-1)
    bytes += file.size
    if (last === undefined || bytes > batchLimits.bytes || last.length >= batchLimits.files) {
      all.push([file])
      bytes = file.size
    } else last.push(file)
  }
  return all
}

/** Digests of files of which nothing is known there: they are fetched, and hashed here. */
export const readBack = (
  rsync: Rsync,
  scratch: string,
  place: string,
  paths: ReadonlyArray<string>,
): Effect.Effect<ReadonlyMap<string, string>, SyncFailure, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const fetch = (options: ReadonlyArray<string>, some: ReadonlyArray<string>, folder: string) =>
      Effect.flatMap(fileList(some), (stdin) =>
        rsync.run([...options, "--from0", "--files-from=-"], rsync.there(`${place}/`), `${folder}/`, {
          source: null,
          stdin,
          accepts: isMissing,
        }),
      )
    const hash = (folder: string, path: string) =>
      Effect.map(Effect.option(disk.hashFile(joinPath(folder, path))), (digest) =>
        digest._tag === "Some" ? [[path, digest.value] as const] : [],
      )
    const found = yield* withScratch(scratch, (folder) => fetch(["--list-only"], paths, folder))
    const results: Array<readonly [string, string]> = []
    for (const batch of batches(listed(found.toString("latin1")))) {
      const some = batch.map(({ path }) => path)
      const digests = yield* withScratch(scratch, (folder) =>
        Effect.zipRight(
          fetch(["--perms", "--chmod=Du=rwx,Fu=rw", "--info=progress2"], some, folder),
          together(some, (path) => hash(folder, path)),
        ),
      )
      results.push(...digests.flat())
    }
    return new Map(results)
  })
