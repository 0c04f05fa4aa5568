import { Effect } from "effect"
import { joinPath, parentPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { targetFailure } from "../diskFailures.ts"
import { failure } from "../places.ts"

/** Whether something is at a place; one that is a link, or below one, would lead out of the target: it is refused. */
export const isReached = (root: string, place: string): Effect.Effect<boolean, SyncFailure, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const [real, realRoot] = yield* Effect.all([disk.realPath(joinPath(root, place)), disk.realPath(root)])
    return real === joinPath(realRoot, place)
  }).pipe(
    Effect.asSome,
    Effect.catchIf(
      ({ errno }) => errno === "ENOENT" || errno === "ENOTDIR",
      () => Effect.succeedNone,
    ),
    Effect.mapError((error) => targetFailure(error, place)),
    Effect.flatMap((found) =>
      found._tag === "Some" && !found.value
        ? failure("permanent", `${place} on the target is a link, or below one`)
        : Effect.succeed(found._tag === "Some"),
    ),
  )

const upTo = (place: string): ReadonlyArray<string> =>
  place.includes("/") ? [...upTo(parentPath(place)), place] : [place]

/** Fails when the way to what is, or shall be, at a place leads through a link. */
export const noLinkTo = (root: string, place: string): Effect.Effect<void, SyncFailure, Disk> =>
  place.includes("/")
    ? Effect.forEach(upTo(parentPath(place)), (folder) => isReached(root, folder), { discard: true })
    : Effect.void
