import { Effect, Option } from "effect"
import { joinPath, parentPath } from "../../src/domain/Destination.ts"
import type { DestinationExists, DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { trashName } from "./stagingLayout.ts"

/**
 * Network file systems may report an error for a rename that happened. Of a name that only we use it can be
 * seen whether it did.
 */
const despite = <E>(
  error: E,
  happened: (disk: typeof Disk.Service) => Effect.Effect<boolean, DiskError>,
): Effect.Effect<void, E, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    happened(disk).pipe(
      Effect.orElseSucceed(() => false),
      Effect.flatMap((done) => (done ? Effect.void : Effect.fail(error))),
    ),
  )

/** Renames what is known to us alone, in the place of nothing or of an empty directory. */
export const moveOwn = (own: string, to: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.catchAll(disk.rename(own, to), (error) =>
      despite(error, ({ lstat }) => Effect.map(lstat(own), Option.isNone)),
    ),
  )

/** The same in the place of nothing. */
export const moveOwnNew = (
  own: string,
  to: string,
): Effect.Effect<void, DiskError | DestinationExists, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.catchAll(disk.renameNew(own, to), (error) =>
      despite(error, ({ lstat }) => Effect.map(lstat(own), Option.isNone)),
    ),
  )

/**
 * Takes an area out of its place, in one step that ends the claim; returns where it is now, for removal.
 * `what` is unique and begins with the owner on whose behalf.
 */
export const takeAway = (area: string, what: string): Effect.Effect<string, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const trash = joinPath(parentPath(area), trashName(what))
    yield* Effect.catchAll(disk.rename(area, trash), (error) =>
      despite(error, ({ lstat }) => Effect.map(lstat(trash), Option.isSome)),
    )
    return trash
  })
