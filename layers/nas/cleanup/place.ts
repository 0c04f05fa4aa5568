import { Effect, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { checksumsPath, creationPath } from "../../../src/domain/PublishedTree.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type { Cleanup } from "../../../src/ports/SyncLedger.ts"

/**
 * What stands at the place that data were taken from. Of a run that was verified there are checksums; another one of
 * its name is refused before it gets any.
 */
export const standsAt = Effect.fnUntraced(function* ({ path, trash }: Cleanup) {
  const disk = yield* Disk
  const place = yield* disk.lstat(path)
  if (Option.isNone(place)) return "nothing"
  if (place.value.type !== "directory") return "something else"
  const isThere = (folder: string, name: string) =>
    Effect.map(disk.lstat(joinPath(folder, name)), Option.isSome)
  if (!(yield* isThere(path, creationPath))) return "the run"
  const isItsOwn =
    !(yield* isThere(trash, creationPath)) &&
    (yield* Effect.exists([path, trash], (folder) => isThere(folder, checksumsPath)))
  return isItsOwn ? "the run" : "another run"
})
