import { Effect, Random } from "effect"
import { joinPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { removeTree } from "../../../disk/trees.ts"
import { failure } from "../places.ts"

const token = Effect.map(Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER), (n) => n.toString(36))

/** An empty folder of one's own below `parent`, here; gone with everything in it afterwards. */
export const withScratch = <A, R>(
  parent: string,
  use: (folder: string) => Effect.Effect<A, SyncFailure, R>,
): Effect.Effect<A, SyncFailure, R | Disk> =>
  Effect.acquireUseRelease(
    Effect.gen(function* () {
      const folder = joinPath(parent, yield* token)
      yield* (yield* Disk).makeDirectories(folder)
      return folder
    }).pipe(Effect.mapError((error) => failure("permanent", error.message))),
    use,
    (folder) => Effect.ignore(removeTree(folder)),
  )
