import { Effect, Option } from "effect"
import { joinPath, metadataFolder, parentPath } from "../../../src/domain/Destination.ts"
import type { DestinationExists, DiskError } from "../../../src/domain/Errors.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type { Cleanup } from "../../../src/ports/SyncLedger.ts"
import { makeDirectoriesDurably } from "../../disk/trees.ts"
import { notePath, trashFolder, writeNote } from "./trashNotes.ts"

/** Named so that nobody else's is met. */
export const trashFor = ({ id, path }: SyncJob, now: number): string =>
  joinPath(trashFolder(parentPath(path)), `${id}-${now}`)

const namesIn = (directory: string): Effect.Effect<ReadonlyArray<string>, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    disk.list(directory).pipe(
      Effect.map((entries) => entries.map(({ name }) => name)),
      Effect.catchIf(
        ({ errno }) => errno === "ENOENT",
        () => Effect.succeed([]),
      ),
    ),
  )

const move = (from: string, to: string, name: string) =>
  Effect.flatMap(Disk, (disk) => disk.renameNew(joinPath(from, name), joinPath(to, name)))

/**
 * Moves what is in a directory, but for its records, to the trash: one rename for each entry at its top. On stable
 * storage when it returns. Doing it again finishes it.
 */
export const moveOut = (cleanup: Cleanup): Effect.Effect<void, DiskError | DestinationExists, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const { path, trash } = cleanup
    yield* makeDirectoriesDurably(trash)
    yield* writeNote(cleanup)
    const names = yield* namesIn(path)
    const data = names.filter((name) => name !== metadataFolder)
    yield* Effect.forEach(data, (name) => move(path, trash, name), { discard: true })
    yield* disk.flush(path)
    yield* disk.flush(trash)
  })

/** Removes the folders of the trash that are empty, and what was noted of it. */
export const removeEmpty = (trash: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.all(
      [
        disk.removeDirectory(trash),
        disk.removeFile(notePath(trash)),
        disk.removeDirectory(parentPath(trash)),
      ],
      { discard: true },
    ).pipe(
      Effect.catchIf(
        ({ errno }) => errno === "ENOTEMPTY" || errno === "EEXIST",
        () => Effect.void,
      ),
    ),
  )

const isFolder = (path: string) =>
  Effect.flatMap(Disk, (disk) =>
    Effect.map(
      disk.lstat(path),
      Option.exists(({ type }) => type === "directory"),
    ),
  )

/** Moves what is in one folder into another, folder by folder; returns what can't go. */
const moveInto = (from: string, to: string): Effect.Effect<ReadonlyArray<string>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const names = yield* namesIn(from)
    const stuck = yield* Effect.forEach(names, (name) =>
      move(from, to, name).pipe(
        Effect.as<ReadonlyArray<string>>([]),
        Effect.catchTag("DestinationExists", () => mergeInto(from, to, name)),
      ),
    )
    if (names.length > 0) yield* disk.flush(to)
    return stuck.flat()
  })

const mergeInto = (from: string, to: string, name: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const both = [joinPath(from, name), joinPath(to, name)] as const
    if (!(yield* Effect.every(both, isFolder))) return [name]
    const stuck = yield* moveInto(...both)
    if (stuck.length === 0) yield* disk.removeDirectory(both[0])
    return stuck.map((path) => `${name}/${path}`)
  })

/**
 * Puts back what is in the trash, and says what can't be: something else has come to its place. On stable storage
 * when it returns.
 */
export const putBack = ({ path, trash }: Cleanup): Effect.Effect<ReadonlyArray<string>, DiskError, Disk> =>
  Effect.gen(function* () {
    const stuck = yield* moveInto(trash, path)
    if (stuck.length === 0) yield* removeEmpty(trash)
    return stuck
  })
