import { Data, Effect, HashMap, Option, Ref } from "effect"
import { isReached } from "../../../src/audit/reaching.ts"
import { joinPath, parentPath } from "../../../src/domain/Destination.ts"
import { creationPath } from "../../../src/domain/PublishedTree.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Cleanup, SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { listTree } from "../sync/localTree.ts"
import { listed } from "../../../src/domain/listed.ts"
import { tell } from "./finishing.ts"
import { standsAt } from "./place.ts"
import { putBack } from "./trash.ts"
import { takenFrom } from "./trashNotes.ts"

/** What a clean-up took can't go back as things are. Nothing of it is lost or forgotten. */
class NotRestored extends Data.TaggedError("NotRestored")<{
  readonly reason: string
  /** Whether it may be possible later without anybody doing anything about it. */
  readonly isPassing: boolean
}> {
  override get message(): string {
    return this.reason
  }
}

const needsPerson = (reason: string) => new NotRestored({ reason, isPassing: false })

const inTheWay = ({ trash }: Cleanup, stuck: ReadonlyArray<string>) =>
  needsPerson(
    `its data lie in ${trash}, and others have come to the place of ${listed(stuck)}: move one of each away, then retry`,
  )

/** Puts everything back, and forgets the clean-up if nothing is left; what can't go back. */
const putAllBack = (cleanup: Cleanup) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const stuck = yield* putBack(cleanup)
    if (stuck.length === 0) yield* ledger.endCleanup(cleanup.jobId)
    return stuck
  })

/**
 * Undoes a clean-up that can't go on. What can't go back to its place, since something else has come there, stays in
 * the trash, which nobody empties then; it is told, and whoever works on the job has a person move one away.
 */
export const undo = (cleanup: Cleanup) =>
  Effect.flatMap(putAllBack(cleanup), (stuck) =>
    stuck.length === 0
      ? Effect.void
      : Effect.logWarning(inTheWay(cleanup, stuck).reason, { path: cleanup.path }),
  )

/** The place for what comes back is made, or that of the very run: nobody else's, and nowhere behind a link. */
const preparePlace = (cleanup: Cleanup) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const { localRoot } = (yield* Settings).paths
    const { path, trash } = cleanup
    const parent = parentPath(path)
    if (!(yield* isReached(disk, localRoot, parent))) {
      return yield* new NotRestored({
        reason: `${parent} isn't there: is its disk mounted?`,
        isPassing: true,
      })
    }
    const what = yield* standsAt(cleanup)
    if (what === "the run") return
    if (what === "nothing") {
      yield* disk.makeDirectory(path)
      return yield* disk.flush(parent)
    }
    return yield* needsPerson(`${what} has come to its place, and its data lie in ${trash}: move one away`)
  })

/** What was in the directory when it was verified and isn't any more. */
const goneFrom = ({ files, jobId, path }: Cleanup) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const verified = yield* ledger.files(jobId)
    const now = yield* listTree(path, "run")
    const here = new Set(now.files.map((file) => file.path))
    if (verified.length > 0) return verified.map((file) => file.path).filter((file) => !here.has(file))
    return here.size < files ? [`${files - here.size} files`] : []
  })

/** Data that were in the trash as a whole: the record said that they were cleaned up, or went along. */
const restoreSealed = (cleanup: Cleanup) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const ledger = yield* SyncLedger
    const writer = yield* CreationWriter
    const { jobId, path } = cleanup
    yield* preparePlace(cleanup)
    const stuck = yield* putBack(cleanup)
    if (stuck.length > 0) return yield* inTheWay(cleanup, stuck)
    const gone = yield* goneFrom(cleanup)
    if (Option.isSome(yield* disk.lstat(joinPath(path, creationPath)))) {
      yield* writer.update(path, () => ({ syncStatus: "pending" }))
      yield* tell(path, "its data are back from the trash")
    }
    yield* ledger.endCleanup(jobId)
    if (gone.length === 0) return
    return yield* needsPerson(
      `not everything came back from the trash, and the NAS may have the only copies of ${listed(gone)}: bring them back from there, then retry; a retry without them goes on with what is here`,
    )
  })

/** Puts back what a clean-up has taken from the directory of a job that is worked on again. */
export const restore = Effect.fn("Sync.restore")(function* (job: SyncJob) {
  const begun = yield* takenFrom(job)
  if (Option.isNone(begun)) return
  if (begun.value.sealedAt !== null) return yield* restoreSealed(begun.value)
  yield* preparePlace(begun.value)
  const stuck = yield* putAllBack(begun.value)
  if (stuck.length > 0) return yield* inTheWay(begun.value, stuck)
})

type Told = Ref.Ref<HashMap.HashMap<string, string>>

const tellOnce = (told: Told, jobId: string, message: string) =>
  Effect.whenEffect(
    Effect.logWarning(`a clean-up isn't undone: ${message}`),
    Ref.modify(told, (all) => [
      !Option.contains(HashMap.get(all, jobId), message),
      HashMap.set(all, jobId, message),
    ]),
  )

const undoInterrupted = Effect.fn("Sync.undoInterrupted")(function* (told: Told) {
  const ledger = yield* SyncLedger
  const queue = yield* SyncQueue
  yield* Effect.forEach(
    yield* ledger.unsealed,
    ({ jobId }) =>
      Effect.flatMap(
        queue.claimJob(jobId, ["verified", "cleanup_eligible"]),
        Effect.transposeMapOption(({ job }) => restore(job)),
      ).pipe(
        Effect.scoped,
        // What is the matter with one is no reason to leave the others' data in the trash.
        Effect.catchAll(({ message }) => tellOnce(told, jobId, message)),
      ),
    { discard: true },
  )
})

/**
 * What puts back what killed processes have begun to take, where nobody is going to finish it. It may be done again
 * and again, for what can't go back yet: why is told once.
 */
export const makeUndoInterrupted = Effect.map(Ref.make(HashMap.empty<string, string>()), undoInterrupted)
