import { Effect, type Scope } from "effect"
import { type DestinationExists, DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import type { Settings } from "../../src/ports/Settings.ts"
import { removeAtLast } from "../disk/atomic.ts"
import { flushTree, removeTree } from "../disk/trees.ts"
import { claim, isOf } from "./claiming.ts"
import type { Place } from "./place.ts"
import type { Target } from "./Target.ts"
import { folderTarget } from "./folderTarget.ts"
import { writeZip } from "./zipStream.ts"
import { zipTarget } from "./zipTarget.ts"

type Made<A, E, R> = Effect.Effect<
  A,
  E | DiskError | DestinationExists,
  Exclude<R, Scope.Scope> | Disk | Settings
>

/** What couldn't be begun may be there all the same; a name that somebody else has isn't ours to remove. */
const begun = (begin: Effect.Effect<void, DiskError>, remove: Effect.Effect<void>) =>
  Effect.tapError(begin, ({ errno }) => (errno === "EEXIST" ? Effect.void : remove))

/** What can't be written is told by the name that it was to get: nobody knows the other one. */
const byName =
  (temporary: string, path: string) =>
  <E>(error: E): E | DiskError =>
    error instanceof DiskError && isOf(temporary, error.path)
      ? new DiskError({ ...error, path: path + error.path.slice(temporary.length) })
      : error

/** Makes something beside a place, fills and flushes it, and gives it its name. Whatever ends that leaves nothing. */
const staged = <A, E, R>(
  place: Place,
  begin: (disk: typeof Disk.Service, temporary: string) => Effect.Effect<void, DiskError>,
  fill: (disk: typeof Disk.Service, temporary: string) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const { folder, path } = place
    const temporary = yield* claim(place)
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
  }).pipe(Effect.scoped)

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
