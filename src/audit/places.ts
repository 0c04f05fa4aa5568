import { Effect, Either, Option } from "effect"
import { joinPath } from "../domain/Destination.ts"
import { DirectoryNotFound } from "../domain/DirectoryNotFound.ts"
import { type TreePlace, treePlaceAt } from "../domain/TreePlace.ts"
import { Disk } from "../ports/Disk.ts"

/** A directory that is there, reached through no link below the local root. */
export interface Found extends TreePlace {
  /** Below the local root; empty for the root itself. */
  readonly path: string
  /** Where it is, the local root's own links resolved. */
  readonly directory: string
  /** What is expected, and nobody has made yet, is empty. */
  readonly isThere: boolean
}

/** What a path below the local root names. */
export const parsePlace = (localRoot: string, path: string): Effect.Effect<TreePlace, DirectoryNotFound> =>
  Either.match(treePlaceAt(localRoot, path), {
    onLeft: (reason) => new DirectoryNotFound({ path, reason }),
    onRight: Effect.succeed,
  })

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "isn't there",
  ENOTDIR: "isn't there",
  ELOOP: "is behind a link that leads to itself",
}

const at = (root: string, segments: ReadonlyArray<string>): string =>
  segments.length === 0 ? root : joinPath(root, ...segments)

/** Looks for it. What lies behind a link is elsewhere, and isn't followed. */
export const findPlace = Effect.fnUntraced(function* (localRoot: string, place: TreePlace) {
  const disk = yield* Disk
  const path = at(localRoot, place.segments)
  const absent = (reason: string) => new DirectoryNotFound({ path, reason })
  const real = (which: string) =>
    Effect.mapError(disk.realPath(which), (error) => {
      const reason = reasons[error.errno]
      return reason === undefined ? error : absent(reason)
    })
  const directory = at(yield* real(localRoot), place.segments)
  if ((yield* real(directory)) !== directory) {
    return yield* absent("is behind a link, and links aren't followed")
  }
  const info = Option.getOrNull(yield* disk.lstat(directory))
  if (info?.type !== "directory") return yield* absent(info === null ? "isn't there" : "is no directory")
  return { ...place, path: place.segments.join("/"), directory, isThere: true } satisfies Found
})

/** What is expected, and nobody has made yet: there is nothing in it. */
export const notYet = (localRoot: string, place: TreePlace): Found => ({
  ...place,
  path: place.segments.join("/"),
  directory: at(localRoot, place.segments),
  isThere: false,
})
