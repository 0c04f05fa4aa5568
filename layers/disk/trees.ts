import { Array, Effect, Option } from "effect"
import { joinPath, parentPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { type DirectoryEntry, Disk } from "../../src/ports/Disk.ts"

/** Operations on the files of one tree that run at the same time. */
const concurrency = 8

/** What a removal meets when entries change under it: it is worth another look. */
const changedMeanwhile = new Set(["ENOTEMPTY", "EEXIST", "EISDIR", "ENOTDIR", "EPERM"])

const vanished = (error: DiskError): boolean => error.errno === "ENOENT"

/** A directory that somebody else removes meanwhile is as good as removed. */
const removeDirectoryTree = (path: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const entries = yield* disk.list(path)
    const [others, directories] = Array.partition(entries, ({ type }) => type === "directory")
    const removeEach = <R>(
      some: ReadonlyArray<DirectoryEntry>,
      remove: (path: string) => Effect.Effect<void, DiskError, R>,
      concurrency: number,
    ) => Effect.forEach(some, ({ name }) => remove(joinPath(path, name)), { concurrency, discard: true })
    yield* removeEach(others, disk.removeFile, concurrency)
    yield* removeEach(directories, removeDirectoryTree, 1)
    yield* disk.removeDirectory(path)
  }).pipe(Effect.catchIf(vanished, () => Effect.void))

const removeOnce = (path: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const info = yield* disk.lstat(path)
    if (Option.isNone(info)) return
    yield* info.value.type === "directory" ? removeDirectoryTree(path) : disk.removeFile(path)
  })

/** Removes whatever is at `path`; absent is fine, also when someone else removes it meanwhile. Follows no link. */
export const removeTree = (path: string): Effect.Effect<void, DiskError, Disk> =>
  removeOnce(path).pipe(Effect.retry({ times: 3, while: ({ errno }) => changedMeanwhile.has(errno) }))

interface Level {
  readonly directories: ReadonlyArray<string>
  readonly files: ReadonlyArray<string>
}

/** The entries of these directories: one level of the tree further down. */
const levelBelow = (directories: ReadonlyArray<string>): Effect.Effect<Level, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const lists = yield* Effect.forEach(
      directories,
      (directory) =>
        Effect.map(
          disk.list(directory),
          Array.map((entry) => ({ ...entry, path: joinPath(directory, entry.name) })),
        ),
      { concurrency },
    )
    const entries = lists.flat()
    const paths = (type: string) => entries.filter((entry) => entry.type === type).map(({ path }) => path)
    return { directories: paths("directory"), files: paths("file") }
  })

/**
 * Waits until every file and every directory of a tree, then the tree itself, is on stable storage:
 * contents first, directories from the bottom up. Links and special files have nothing to flush.
 */
export const flushTree = (path: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const flushAll = (paths: ReadonlyArray<string>) =>
      Effect.forEach(paths, disk.flush, { concurrency, discard: true })
    const levels: Array<ReadonlyArray<string>> = []
    let directories: ReadonlyArray<string> = [path]
    while (directories.length > 0) {
      levels.push(directories)
      const below = yield* levelBelow(directories)
      yield* flushAll(below.files)
      directories = below.directories
    }
    yield* Effect.forEach(levels.toReversed(), flushAll, { discard: true })
  })

/** The directories from `path` up to `outermost`, both included, innermost first. */
const upTo = (path: string, outermost: string): ReadonlyArray<string> =>
  Array.unfold(path, (directory) =>
    directory.length < outermost.length ? Option.none() : Option.some([directory, parentPath(directory)]),
  )

/** Makes a directory with its parents. Returns those that it had to make, innermost first. */
export const makeDirectories = (path: string): Effect.Effect<ReadonlyArray<string>, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.map(
      disk.makeDirectories(path),
      Option.match({ onNone: () => [], onSome: (outermost) => upTo(path, outermost) }),
    ),
  )

/** The same; their entries are on stable storage when it returns. */
export const makeDirectoriesDurably = (path: string): Effect.Effect<ReadonlyArray<string>, DiskError, Disk> =>
  Effect.tap(makeDirectories(path), (made) =>
    Effect.flatMap(Disk, (disk) => Effect.forEach(made, (directory) => disk.flush(parentPath(directory)))),
  )
