import { Effect, Random } from "effect"
import { joinPath } from "../../src/domain/Destination.ts"
import { type DestinationExists, DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { removeAtLast } from "../disk/atomic.ts"
import { flushTree, removeTree } from "../disk/trees.ts"
import type { Place } from "./place.ts"
import type { Target } from "./Target.ts"
import { folderTarget } from "./folderTarget.ts"
import { writeZip } from "./zipStream.ts"
import { zipTarget } from "./zipTarget.ts"

const word = Effect.map(Random.nextIntBetween(0, 2 ** 32), (n) => n.toString(16).padStart(8, "0"))

const prefix = ".exlab-export-"

/** Bytes of the name that an export has while it is made. */
export const temporaryBytes = prefix.length + 16

/** Short, and apart from the export's own name, to which 255 bytes may leave no room. */
const temporaryName = Effect.zipWith(word, word, (a, b) => `${prefix}${a}${b}`)

type Made<A, E, R> = Effect.Effect<A, E | DiskError | DestinationExists, R | Disk>

/** What couldn't be begun may be there all the same; a name that somebody else has isn't ours to remove. */
const begun = (begin: Effect.Effect<void, DiskError>, remove: Effect.Effect<void>) =>
  Effect.tapError(begin, ({ errno }) => (errno === "EEXIST" ? Effect.void : remove))

/** What can't be written is told by the name that it was to get: nobody knows the other one. */
const byName =
  (temporary: string, path: string) =>
  <E>(error: E): E | DiskError =>
    error instanceof DiskError && (error.path === temporary || error.path.startsWith(joinPath(temporary, "")))
      ? new DiskError({ ...error, path: path + error.path.slice(temporary.length) })
      : error

/** Makes something beside a place, fills and flushes it, and gives it its name. Whatever ends that leaves nothing. */
const staged = <A, E, R>(
  { folder, path }: Place,
  begin: (disk: typeof Disk.Service, temporary: string) => Effect.Effect<void, DiskError>,
  fill: (disk: typeof Disk.Service, temporary: string) => Effect.Effect<A, E, R>,
): Made<A, E, R> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const temporary = joinPath(folder, yield* temporaryName)
    const remove = removeAtLast(Effect.provideService(removeTree(temporary), Disk, disk))
    return yield* Effect.acquireUseRelease(
      begun(begin(disk, temporary), remove),
      () =>
        Effect.gen(function* () {
          const made = yield* fill(disk, temporary)
          // Its name is the last thing that an export gets.
          yield* disk.renameNew(temporary, path)
          yield* disk.flush(folder)
          return made
        }),
      (_, exit) => (exit._tag === "Success" ? Effect.void : remove),
    ).pipe(Effect.mapError(byName(temporary, path)))
  })

export const inFolder = <A, E, R>(
  place: Place,
  fill: (target: Target) => Effect.Effect<A, E, R>,
): Made<A, E, R> =>
  staged(
    place,
    (disk, temporary) => disk.makeDirectory(temporary),
    (_, temporary) => Effect.zipLeft(fill(folderTarget(temporary)), flushTree(temporary)),
  )

export const inZip = <A, E, R>(
  place: Place,
  fill: (target: Target) => Effect.Effect<A, E, R>,
): Made<A, E, R> =>
  staged(
    place,
    (disk, temporary) => disk.createFile(temporary, ""),
    (disk, temporary) =>
      Effect.zipLeft(
        writeZip(
          (zip) => fill(zipTarget(zip)),
          (bytes) => disk.append(temporary, bytes),
        ),
        disk.flush(temporary),
      ),
  )
