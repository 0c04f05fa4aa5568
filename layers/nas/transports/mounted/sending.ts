import { Effect, Option } from "effect"
import { joinPath, parentPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk, type FileInfo } from "../../../../src/ports/Disk.ts"
import type { Parcel, ParcelProgress } from "../../../../src/ports/SyncTransport.ts"
import { removeAtLast } from "../../../disk/atomic.ts"
import { together } from "../../../disk/together.ts"
import { makeDirectoriesDurably, removeTree } from "../../../disk/trees.ts"
import { sourceFailure, targetFailure } from "../diskFailures.ts"
import { makePace, type Pace } from "../pace.ts"
import { failure, workshopOf } from "../places.ts"
import { makeTally, type Tally } from "../progress.ts"
import { isReached } from "./links.ts"

/** What all copies of one parcel share. */
interface Work {
  readonly parcel: Parcel
  /** Absolute. */
  readonly to: string
  readonly workshop: string
  readonly pace: Pace
  readonly tally: Tally
}

const changed = (path: string): SyncFailure =>
  failure("source_changed", `${path} changed while it was copied`, [path])

const look = (source: string, path: string): Effect.Effect<FileInfo, SyncFailure, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    disk.lstat(joinPath(source, path)).pipe(
      Effect.mapError((error) => sourceFailure(error, path)),
      Effect.flatMap(
        Option.match({
          onSome: (info) => (info.type === "file" ? Effect.succeed(info) : changed(path)),
          onNone: () => failure("source_changed", `${path} isn't there any more`, [path]),
        }),
      ),
    ),
  )

/** Whether the file is there already, with the same bytes. */
const isThere = ({ parcel, to }: Work, path: string, { size }: FileInfo) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const theirs = yield* Effect.mapError(disk.lstat(joinPath(to, path)), (error) =>
      targetFailure(error, path),
    )
    if (!Option.exists(theirs, (info) => info.type === "file" && info.size === size)) return false
    const [here, there] = yield* Effect.all([
      Effect.mapError(disk.hashFile(joinPath(parcel.source, path)), (error) => sourceFailure(error, path)),
      Effect.mapError(disk.hashFile(joinPath(to, path), { fromStorage: true }), (error) =>
        targetFailure(error, path),
      ),
    ])
    return here === there
  })

/** Which of the two files was it? A piece is read here and written there. */
const pieceFailure = (from: string, path: string) => (error: Parameters<typeof sourceFailure>[0]) =>
  error.path === from ? sourceFailure(error, path) : targetFailure(error, path)

const fill = ({ pace, parcel, tally }: Work, path: string, temporary: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const from = joinPath(parcel.source, path)
    for (let offset = 0; ;) {
      const count = yield* Effect.mapError(
        disk.copyPiece(from, temporary, { offset, length: pace.piece }),
        pieceFailure(from, path),
      )
      offset += count
      yield* pace.pay(count)
      yield* tally.add(count, 0, path)
      if (count < pace.piece) return
    }
  })

/** A copy that has everything but its name. */
const copyOf = (work: Work, path: string, before: FileInfo, temporary: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    yield* fill(work, path, temporary)
    const after = yield* look(work.parcel.source, path)
    if (after.stamp !== before.stamp) return yield* changed(path)
    yield* Effect.mapError(
      Effect.gen(function* () {
        // Who owns it must be able to read it back.
        yield* disk.setMode(temporary, (before.mode & 0o777) | 0o400)
        yield* disk.setModified(temporary, before.modifiedMillis)
        yield* disk.flush(temporary)
      }),
      (error) => targetFailure(error, path),
    )
  })

const copy = (work: Work, path: string, index: number) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const before = yield* look(work.parcel.source, path)
    if (yield* isThere(work, path, before)) return yield* work.tally.add(before.size, 1, path)
    const temporary = joinPath(work.workshop, String(index))
    const there = (error: Parameters<typeof targetFailure>[0]) => targetFailure(error, path)
    yield* Effect.acquireUseRelease(
      Effect.mapError(disk.createFile(temporary, "", { mode: 0o600 }), there),
      () =>
        Effect.zipRight(
          copyOf(work, path, before, temporary),
          Effect.mapError(disk.rename(temporary, joinPath(work.to, path)), there),
        ),
      (_, exit) => (exit._tag === "Success" ? Effect.void : removeAtLast(disk.removeFile(temporary))),
    )
    yield* work.tally.add(0, 1, path)
  })

const makeFolder = (root: string, place: string) =>
  Effect.zipRight(
    Effect.mapError(makeDirectoriesDurably(joinPath(root, place)), (error) => targetFailure(error, place)),
    isReached(root, place),
  )

/** The folders in which files get their names. */
const foldersOf = ({ directories, files, to }: Parcel): ReadonlyArray<string> => [
  ...new Set([
    to,
    ...directories.map((path) => joinPath(to, path)),
    ...files.map(({ path }) => parentPath(joinPath(to, path))),
  ]),
]

/** Brings a parcel to a folder below `root`. */
export const send = (
  root: string,
  parcel: Parcel,
  report: (progress: ParcelProgress) => Effect.Effect<void>,
): Effect.Effect<void, SyncFailure, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const workshop = joinPath(root, workshopOf(parcel.to))
    const work: Work = {
      parcel,
      to: joinPath(root, parcel.to),
      workshop,
      pace: yield* makePace(parcel.bytesPerSecond),
      tally: yield* makeTally(report),
    }
    const folders = foldersOf(parcel)
    yield* Effect.forEach(folders, (place) => makeFolder(root, place), { discard: true })
    const clear = removeTree(workshop)
    yield* Effect.acquireUseRelease(
      Effect.mapError(Effect.zipRight(clear, disk.makeDirectories(workshop)), (error) =>
        targetFailure(error),
      ),
      () => together([...parcel.files.entries()], ([index, { path }]) => copy(work, path, index)),
      () => Effect.ignore(clear),
    )
    yield* together(folders, (place) =>
      Effect.mapError(disk.flush(joinPath(root, place)), (error) => targetFailure(error)),
    )
  })
