import { Effect, Option } from "effect"
import { joinPath, metadataFolder } from "../../../src/domain/Destination.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { type Cleanup, SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { makeDirectoriesDurably } from "../../disk/trees.ts"
import { tell } from "./finishing.ts"
import { putBack } from "./trash.ts"

/** Undoes a clean-up that can't go on. What can't go back to its place stays in the trash, which nobody empties then. */
export const undo = (cleanup: Cleanup) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const stuck = yield* putBack(cleanup)
    yield* ledger.endCleanup(cleanup.jobId)
    if (stuck.length === 0) return
    const { path, trash } = cleanup
    yield* Effect.logWarning("files stay in the trash: others have come to their place", {
      path,
      trash,
      stuck,
    })
  })

/**
 * Puts back what a clean-up has taken from the directory of a job that is worked on again. It may have been whole:
 * then the record said `cleaned`, or went along.
 */
export const restore = Effect.fn("Sync.restore")(function* (job: SyncJob) {
  const ledger = yield* SyncLedger
  const begun = yield* ledger.cleanup(job.id)
  if (Option.isNone(begun)) return
  const disk = yield* Disk
  const writer = yield* CreationWriter
  yield* makeDirectoriesDurably(job.path)
  yield* undo(begun.value)
  if (begun.value.sealedAt === null) return
  if (Option.isNone(yield* disk.lstat(joinPath(job.path, metadataFolder)))) return
  yield* writer.update(job.path, () => ({ syncStatus: "pending" }))
  yield* tell(job.path, "its data are back from the trash")
})
