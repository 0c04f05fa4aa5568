import { Effect } from "effect"
import { isReached } from "../../../src/audit/reaching.ts"
import { equipmentPath, joinPath, metadataFolder } from "../../../src/domain/Destination.ts"
import { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"

/**
 * Whether the folder of an equipment is there with its records, which come with the first directory in it: a mount
 * point without its disk is an empty folder, and nothing in it is gone.
 */
export const hasHome = Effect.fnUntraced(function* (equipmentId: string) {
  const disk = yield* Disk
  const { localRoot } = (yield* Settings).paths
  return yield* isReached(disk, localRoot, joinPath(equipmentPath(localRoot, equipmentId), metadataFolder))
})

/** What a job that needs that disk waits for. */
export const homeAway = (equipmentId: string): SyncFailure =>
  new SyncFailure({
    class: "transient",
    reason: `the folder of ${equipmentId} has no ${metadataFolder} here: is its disk mounted?`,
    files: [],
  })

export const requireHome = Effect.fnUntraced(function* (equipmentId: string) {
  if (!(yield* hasHome(equipmentId))) return yield* homeAway(equipmentId)
})
