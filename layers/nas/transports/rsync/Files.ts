import { Effect } from "effect"
import { joinPath, leafName, parentPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { failure } from "../places.ts"
import { withScratch } from "../tools/scratch.ts"
import type { Outcome } from "../tools/words.ts"
import type { TargetEntry } from "../../../../src/ports/SyncTransport.ts"
import { inRule } from "./escapes.ts"
import { listedEntries } from "./foundEntries.ts"
import { fileList, type Rsync } from "./Rsync.ts"

/** What can be done with a target's files by rsync alone. Needs an empty folder here for most of it. */
export interface Files {
  /** Makes folders, with their parents. */
  readonly makeFolders: (places: ReadonlyArray<string>) => Effect.Effect<void, SyncFailure, Disk>
  /** Moves every file of a folder into another one, each in one step, and makes its folders there. */
  readonly move: (from: string, to: string) => Effect.Effect<void, SyncFailure, Disk>
  /** Removes a folder. */
  readonly remove: (place: string) => Effect.Effect<void, SyncFailure, Disk>
  /** Removes files, and folders with all that is in them, from a folder. */
  readonly removeFrom: (place: string, paths: ReadonlyArray<string>) => Effect.Effect<void, SyncFailure, Disk>
  /** Everything below a folder, without what these names at its top hold. */
  readonly list: (
    place: string,
    except: ReadonlyArray<string>,
  ) => Effect.Effect<ReadonlyArray<TargetEntry>, SyncFailure>
}

/** rsync was asked for what isn't there. */
export const isMissing = ({ end, stderr }: Outcome): boolean =>
  end._tag === "Exited" && end.code === 23 && /No such file or directory|Not a directory/.test(stderr)

const upTo = (place: string): ReadonlyArray<string> =>
  place.includes("/") ? [...upTo(parentPath(place)), place] : [place]

const onlyFolders = ["--recursive", "--include=*/", "--exclude=*"]

/** A file that is where a folder shall be isn't replaced by it. */
const keepsFiles = ["--ignore-existing"]

export const make = (rsync: Rsync, root: string, scratch: string): Files => {
  const at = (place: string): string => rsync.there(`${joinPath(root, place)}/`)
  const quiet = { source: null } as const

  /** Folders here, for what only rsync can be told by folders. */
  const imitate = (folder: string, paths: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const disk = yield* Disk
      for (const path of paths) {
        yield* Effect.mapError(disk.makeDirectories(joinPath(folder, path)), (error) =>
          failure("permanent", error.message),
        )
      }
    })

  const makeFolders: Files["makeFolders"] = (places) =>
    withScratch(scratch, (folder) =>
      Effect.gen(function* () {
        const all = [...new Set(places.flatMap(upTo))]
        yield* imitate(folder, all)
        const stdin = yield* fileList(all)
        // Neither modes nor times: folders that are there stay as they are.
        const options = ["--dirs", ...keepsFiles, "--from0", "--files-from=-"]
        yield* rsync.run(options, `${folder}/`, rsync.there(`${root}/`), { ...quiet, stdin })
      }),
    )

  const remove: Files["remove"] = (place) =>
    withScratch(scratch, (empty) => {
      const name = inRule(leafName(place))
      const rules = ["--delete", `--include=/${name}/`, `--include=/${name}/**`, "--exclude=*"]
      const parent = place.includes("/") ? at(parentPath(place)) : rsync.there(`${root}/`)
      return rsync.run(["--recursive", ...rules], `${empty}/`, parent, quiet)
    })

  const removeFrom: Files["removeFrom"] = (place, paths) =>
    withScratch(scratch, (folder) =>
      Effect.gen(function* () {
        const parents = [...new Set(paths.flatMap((path) => upTo(path).slice(0, -1)))]
        yield* imitate(folder, parents)
        const stdin = yield* fileList(paths)
        // What is in the list and not in the folder here is removed there.
        yield* rsync.run(
          ["--dirs", "--existing", "--force", "--delete-missing-args", "--from0", "--files-from=-"],
          `${folder}/`,
          at(place),
          { ...quiet, stdin, accepts: isMissing },
        )
      }),
    )

  const list: Files["list"] = (place, except) =>
    Effect.map(
      rsync.run(
        ["--list-only", "--recursive", ...except.map((name) => `--exclude=/${inRule(name)}`)],
        at(place),
        "/",
        { ...quiet, accepts: isMissing },
      ),
      (output) => listedEntries(output.toString("latin1")),
    )

  /** rsync replaces a file by a folder of the same name, whatever it is told. */
  const nothingInTheWay = (from: string, to: string) =>
    Effect.gen(function* () {
      const there = new Map((yield* list(to, [])).map(({ isFolder, path }) => [path, isFolder]))
      const clashing = (yield* list(from, [])).filter(
        ({ isFolder, path }) => there.has(path) && there.get(path) !== isFolder,
      )
      const paths = clashing.map(({ path }) => path)
      if (paths.length > 0)
        return yield* failure("permanent", `${paths[0]} is in the way on the target`, paths)
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
    list,
    makeFolders,
    remove,
    removeFrom,
    move: (from, to) =>
      Effect.gen(function* () {
        yield* makeFolders([to])
        yield* nothingInTheWay(from, to)
        yield* withScratch(scratch, (folder) =>
          Effect.zipRight(
            rsync.run(onlyFolders, at(from), `${folder}/`, quiet),
            rsync.run([...onlyFolders, ...keepsFiles], `${folder}/`, at(to), quiet),
          ),
        )
        yield* moveFiles(from, to)
        yield* remove(from)
      }),
  }
}
