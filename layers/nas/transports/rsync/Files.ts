import { Effect } from "effect"
import { joinPath, leafName, parentPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { failure } from "../places.ts"
import { withScratch } from "../tools/scratch.ts"
import type { Outcome } from "../tools/words.ts"
import { inRule } from "./escapes.ts"
import { fileList, type Rsync } from "./Rsync.ts"

/** What can be done with a target's files by rsync alone. Needs an empty folder here for most of it. */
export interface Files {
  /** Makes folders, with their parents. */
  readonly makeFolders: (places: ReadonlyArray<string>) => Effect.Effect<void, SyncFailure, Disk>
  /** Moves every file of a folder into another one, each in one step, and makes its folders there. */
  readonly move: (from: string, to: string) => Effect.Effect<void, SyncFailure, Disk>
  /** Removes a folder. */
  readonly remove: (place: string) => Effect.Effect<void, SyncFailure, Disk>
}

/** rsync was asked for what isn't there. */
export const isMissing = ({ end, stderr }: Outcome): boolean =>
  end._tag === "Exited" && end.code === 23 && /No such file or directory|Not a directory/.test(stderr)

const upTo = (place: string): ReadonlyArray<string> =>
  place.includes("/") ? [...upTo(parentPath(place)), place] : [place]

const onlyFolders = ["--recursive", "--include=*/", "--exclude=*"]

export const make = (rsync: Rsync, root: string, scratch: string): Files => {
  const at = (place: string): string => rsync.there(`${joinPath(root, place)}/`)
  const quiet = { source: null } as const

  const makeFolders: Files["makeFolders"] = (places) =>
    withScratch(scratch, (folder) =>
      Effect.gen(function* () {
        const disk = yield* Disk
        const all = [...new Set(places.flatMap(upTo))]
        for (const place of all) {
          yield* Effect.mapError(disk.makeDirectories(joinPath(folder, place)), (error) =>
            failure("permanent", error.message),
          )
        }
        const stdin = yield* fileList(all)
        // Neither modes nor times: folders that are there stay as they are.
        yield* rsync.run(["--dirs", "--from0", "--files-from=-"], `${folder}/`, rsync.there(`${root}/`), {
          ...quiet,
          stdin,
        })
      }),
    )

  const remove: Files["remove"] = (place) =>
    withScratch(scratch, (empty) => {
      const name = inRule(leafName(place))
      const rules = ["--delete", `--include=/${name}/`, `--include=/${name}/**`, "--exclude=*"]
      const parent = place.includes("/") ? at(parentPath(place)) : rsync.there(`${root}/`)
      return rsync.run(["--recursive", ...rules], `${empty}/`, parent, quiet)
    })

  /** What is deleted below `from` because it isn't in an empty folder here is put away below `to`: that moves it. */
  const moveFiles = (from: string, to: string) =>
    withScratch(scratch, (empty) =>
      rsync.run(
        ["--recursive", "--delete", "--backup", `--backup-dir=${joinPath(root, to)}`],
        `${empty}/`,
        at(from),
        quiet,
      ),
    )

  return {
    makeFolders,
    remove,
    move: (from, to) =>
      Effect.gen(function* () {
        yield* makeFolders([to])
        yield* withScratch(scratch, (folder) =>
          Effect.zipRight(
            rsync.run(onlyFolders, at(from), `${folder}/`, quiet),
            rsync.run(onlyFolders, `${folder}/`, at(to), quiet),
          ),
        )
        yield* moveFiles(from, to)
        yield* remove(from)
      }),
  }
}
