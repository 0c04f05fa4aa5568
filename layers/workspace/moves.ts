import { Effect, Option } from "effect"
import { joinPath, parentPath } from "../../src/domain/Destination.ts"
import { type DestinationExists, DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { trashName } from "./stagingLayout.ts"

/** Errors that did no harm: what failed had happened all the same, or went well when it was tried again. */
export type Overcome = ReadonlyArray<DiskError>

export const nothingOvercome: Overcome = []

/**
 * Network file systems may report an error for a rename that happened. Of a name that only we use it can be
 * seen whether it did.
 */
const despite = <E extends DiskError | DestinationExists>(
  error: E,
  happened: (disk: typeof Disk.Service) => Effect.Effect<boolean, DiskError>,
): Effect.Effect<Overcome, E, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    happened(disk).pipe(
      Effect.orElseSucceed(() => false),
      Effect.flatMap((done) => (done ? Effect.succeed([asDiskError(error)]) : Effect.fail(error))),
    ),
  )

const asDiskError = (error: DiskError | DestinationExists): DiskError =>
  error._tag === "DiskError" ? error : new DiskError({ path: error.path, op: "renameNew", errno: "EEXIST" })

/** Renames what is known to us alone, in the place of nothing or of an empty directory. */
export const moveOwn = (own: string, to: string): Effect.Effect<Overcome, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.catchAll(Effect.as(disk.rename(own, to), nothingOvercome), (error) =>
      despite(error, ({ lstat }) => Effect.map(lstat(own), Option.isNone)),
    ),
  )

/** The same in the place of nothing. */
export const moveOwnNew = (
  own: string,
  to: string,
): Effect.Effect<Overcome, DiskError | DestinationExists, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.catchAll(Effect.as(disk.renameNew(own, to), nothingOvercome), (error) =>
      despite(error, ({ lstat }) => Effect.map(lstat(own), Option.isNone)),
    ),
  )

export interface TakenAway {
  /** Where the area is now, for removal. */
  readonly trash: string
  readonly overcome: Overcome
}

/**
 * Takes an area out of its place, in one step that ends the claim. `what` is unique and begins with the
 * owner on whose behalf.
 */
export const takeAway = Effect.fnUntraced(function* (
  area: string,
  what: string,
): Effect.fn.Return<TakenAway, DiskError, Disk> {
  const disk = yield* Disk
  const trash = joinPath(parentPath(area), trashName(what))
  const overcome = yield* Effect.catchAll(Effect.as(disk.rename(area, trash), nothingOvercome), (error) =>
    despite(error, ({ lstat }) => Effect.map(lstat(trash), Option.isSome)),
  )
  return { trash, overcome }
})
