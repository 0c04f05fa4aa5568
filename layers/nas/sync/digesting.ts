import { Effect, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import { Disk, type FileInfo } from "../../../src/ports/Disk.ts"
import { together } from "../../disk/together.ts"
import type { LocalFile } from "./localTree.ts"

/** A file with the digest that it had in the state that the stamp stands for. */
export interface DigestedFile extends LocalFile {
  /** SHA-256, hexadecimal. */
  readonly sha256: string
}

export interface Digested {
  /** By path. */
  readonly files: ReadonlyMap<string, DigestedFile>
  /** Changed, or vanished, while they were read, each time of three. */
  readonly unstable: ReadonlyArray<string>
}

const tries = 3

const look = (path: string): Effect.Effect<FileInfo | null, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) => Effect.map(disk.lstat(path), Option.getOrNull))

/** Reads one file until it is the same before and after; at first, before is when it was listed. */
const digestOne = (
  root: string,
  { path, stamp }: LocalFile,
): Effect.Effect<Option.Option<DigestedFile>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const absolute = joinPath(root, path)
    for (let before = stamp, left = tries; left > 0; left -= 1) {
      const sha256 = yield* disk.hashFile(absolute)
      const after = yield* look(absolute)
      if (after === null || after.type !== "file") return Option.none()
      const { changedMillis, size } = after
      if (after.stamp === before) return Option.some({ path, size, stamp: before, changedMillis, sha256 })
      before = after.stamp
    }
    return Option.none()
  }).pipe(
    Effect.catchIf(
      ({ errno }) => errno === "ENOENT" || errno === "ENOTDIR",
      () => Effect.succeedNone,
    ),
  )

/**
 * The digests of files as they are now, several at a time and in bounded memory. What is `known` of a file whose
 * stamp hasn't changed isn't read again.
 */
export const digestAll = Effect.fn("Sync.digestAll")(function* (
  root: string,
  files: ReadonlyArray<LocalFile>,
  known: ReadonlyMap<string, DigestedFile>,
  onFile: (file: LocalFile) => Effect.Effect<void>,
) {
  const digested = new Map<string, DigestedFile>()
  const unstable: Array<string> = []
  const take = Effect.fnUntraced(function* (file: LocalFile) {
    const before = known.get(file.path)
    const found =
      before !== undefined && before.stamp === file.stamp ? Option.some(before) : yield* digestOne(root, file)
    if (Option.isSome(found)) digested.set(file.path, found.value)
    else unstable.push(file.path)
    yield* onFile(file)
  })
  yield* together(files, take)
  return { files: digested, unstable: unstable.toSorted() } satisfies Digested
})
