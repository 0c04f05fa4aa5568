import { Effect } from "effect"
import { joinPath, parentPath } from "../../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import type { TargetEntry } from "../../../../src/ports/SyncTransport.ts"
import { together } from "../../../disk/together.ts"
import { removeTree } from "../../../disk/trees.ts"
import { targetFailure } from "../diskFailures.ts"
import { isReached } from "./links.ts"

/** A folder that goes, or becomes something else, meanwhile has nothing in it. */
const entriesOf = (folder: string, place: string) =>
  Effect.flatMap(Disk, (disk) => disk.list(folder)).pipe(
    Effect.catchIf(
      ({ errno }) => errno === "ENOENT" || errno === "ENOTDIR",
      () => Effect.succeed([]),
    ),
    Effect.mapError((error) => targetFailure(error, place)),
  )

/** Everything below a place, see `TargetTransport.list`. */
export const list = (
  root: string,
  place: string,
  except: ReadonlyArray<string>,
): Effect.Effect<ReadonlyArray<TargetEntry>, SyncFailure, Disk> =>
  Effect.gen(function* () {
    if (!(yield* isReached(root, place))) return []
    const found: Array<TargetEntry> = []
    const folders = [""]
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const below = folder
      const entries = yield* entriesOf(joinPath(root, place, ...(below === "" ? [] : [below])), place)
      for (const { name, type } of entries) {
        if (below === "" && except.includes(name)) continue
        const path = below === "" ? name : `${below}/${name}`
        const isFolder = type === "directory"
        found.push({ path, isFolder })
        if (isFolder) folders.push(path)
      }
    }
    return found
  })

/** Removes what is at these paths below a place. */
export const removeEntries = (
  root: string,
  place: string,
  entries: ReadonlyArray<TargetEntry>,
): Effect.Effect<void, SyncFailure, Disk> =>
  Effect.gen(function* () {
    const parents = [...new Set(entries.map(({ path }) => parentPath(joinPath(place, path))))]
    const reached = yield* Effect.filter(parents, (parent) => isReached(root, parent))
    const there = new Set(reached)
    const wanted = entries.filter(({ path }) => there.has(parentPath(joinPath(place, path))))
    yield* together(wanted, ({ path }) =>
      Effect.mapError(removeTree(joinPath(root, place, path)), (error) => targetFailure(error, path)),
    )
  })
