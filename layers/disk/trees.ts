import { Array, Effect, Option, Random } from "effect"
import { joinPath, parentPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk, type FileType } from "../../src/ports/Disk.ts"
import { together } from "./together.ts"

/** What a removal meets when entries change under it: it is worth another look. */
const signsOfChange = new Set(["ENOTEMPTY", "EEXIST", "EISDIR", "ENOTDIR", "EPERM"])

const changedMeanwhile = ({ errno }: DiskError): boolean => signsOfChange.has(errno)

const vanished = (error: DiskError): boolean => error.errno === "ENOENT"

/** An owner who took his own rights to a directory from himself gets them back; false when he had them. */
const openUp = (path: string): Effect.Effect<boolean, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const info = Option.getOrNull(yield* disk.lstat(path))
    if (info === null || (info.mode & 0o700) === 0o700) return false
    yield* disk.setMode(path, info.mode | 0o700)
    return true
  })

/** A directory of the tree that begins at `top`. One that somebody else removes meanwhile is as good as removed. */
const removeDirectory = (path: string, top: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const entries = yield* disk.list(path)
    const [others, directories] = Array.partition(entries, ({ type }) => type === "directory")
    yield* together(others, ({ name }) => disk.removeFile(joinPath(path, name)))
    yield* Effect.forEach(directories, ({ name }) => removeDirectory(joinPath(path, name), top))
    yield* disk.removeDirectory(path)
  }).pipe(
    Effect.catchIf(vanished, () => Effect.void),
    Effect.catchIf(
      ({ errno }) => errno === "ENAMETOOLONG" && parentPath(path).length > top.length,
      () => removeNearTop(path, top),
    ),
    Effect.catchIf(
      ({ errno }) => errno === "EACCES",
      (error) =>
        Effect.flatMap(openUp(path), (opened) => (opened ? removeDirectory(path, top) : Effect.fail(error))),
    ),
  )

/** Deep trees have paths that no call takes: what is in their way goes up to where it can be reached. */
const removeNearTop = (path: string, top: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const token = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
    const near = joinPath(top, `.deep-${token.toString(36)}`)
    yield* disk.rename(path, near)
    yield* removeDirectory(near, top)
  })

const removeOnce = (path: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const info = yield* disk.lstat(path)
    if (Option.isNone(info)) return
    yield* info.value.type === "directory" ? removeDirectory(path, path) : disk.removeFile(path)
  })

/**
 * Removes whatever is at `path`; absent is fine, also when someone else removes it meanwhile. Follows no link, and
 * no directory's mode keeps its owner out.
 */
export const removeTree = (path: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.catchIf(removeOnce(path), changedMeanwhile, () =>
    Effect.retry(removeOnce(path), { times: 2, while: changedMeanwhile }),
  )

/** What a directory has in it: files, and directories by their depth. Neither links nor special files. */
interface Contents {
  readonly files: ReadonlyArray<string>
  readonly levels: ReadonlyArray<ReadonlyArray<string>>
}

const contentsBelow = Effect.fnUntraced(function* (
  directories: ReadonlyArray<string>,
  isDirectory = true,
): Effect.fn.Return<Contents, DiskError, Disk> {
  if (directories.length === 0) return { files: [], levels: [] }
  const disk = yield* Disk
  const lists = yield* together(directories, (path) =>
    Effect.map(
      disk.list(path, { isDirectory }),
      Array.map(({ name, type }) => ({ type, path: joinPath(path, name) })),
    ),
  )
  const pathsOf = (wanted: FileType) =>
    lists.flatMap((entries) => entries.filter(({ type }) => type === wanted).map(({ path }) => path))
  const { files, levels } = yield* contentsBelow(pathsOf("directory"))
  return { files: [...pathsOf("file"), ...files], levels: [directories, ...levels] }
})

/**
 * Waits until every file and every directory of a tree, then the tree itself, is on stable storage:
 * contents first, directories from the bottom up. Links and special files have nothing to flush.
 */
export const flushTree = Effect.fnUntraced(function* (path: string): Effect.fn.Return<void, DiskError, Disk> {
  const disk = yield* Disk
  const { files, levels } = yield* contentsBelow([path], false)
  for (const paths of [files, ...levels.toReversed()]) {
    yield* together(paths, disk.flush)
  }
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
