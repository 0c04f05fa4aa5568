import { Duration, Effect, Option } from "effect"
import { isMetadata } from "../../../src/domain/PublishedTree.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Cleanup, SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { type Claim, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { removeTree } from "../../disk/trees.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { treeAt } from "./facts.ts"
import { tell } from "./finishing.ts"
import { holding } from "./holding.ts"
import { digestsOfRestamped } from "./rereading.ts"
import type { TargetLooks } from "./TargetLooks.ts"
import { removeEmpty } from "./trash.ts"

/** What is in a trash and isn't as it was put there. A part of it may be gone: somebody was interrupted. */
const strangersIn = ({ jobId, trash }: Cleanup) =>
  Effect.gen(function* () {
    const tree = yield* treeAt(trash)
    if (tree === undefined) return []
    const ledger = yield* SyncLedger
    const verified = new Map((yield* ledger.files(jobId)).map((file) => [file.path, file]))
    const contents = yield* digestsOfRestamped(trash, tree.files, verified)
    const isKnown = (path: string, stamp: string): boolean => {
      const file = verified.get(path)
      return file !== undefined && (file.stamp === stamp || contents.get(path) === file.sha256)
    }
    const others = tree.files.filter(({ path, stamp }) => !isMetadata(path) && !isKnown(path, stamp))
    return [...others.map(({ path }) => path), ...tree.skipped]
  })

const noteInRun = ({ bytes, files, path }: Cleanup) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    if (Option.isNone(yield* disk.lstat(path))) return
    yield* tell(path, `removed from the trash: ${files} files, ${bytes} bytes`)
  })

const remove = (cleanup: Cleanup) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    yield* removeTree(cleanup.trash)
    yield* removeEmpty(cleanup.trash)
    yield* noteInRun(cleanup)
    yield* ledger.forget(cleanup.jobId)
    yield* ledger.endCleanup(cleanup.jobId)
  })

/** The copy may have been lost since: then the data are the only ones, and whoever works on the job puts them back. */
const emptyOrSendAgain = <R>(claim: Claim, cleanup: Cleanup, { isThere, target }: TargetLooks<R>) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const queue = yield* SyncQueue
    const { job } = claim
    yield* target(job)
    const verified = new Map((yield* ledger.files(job.id)).map((file) => [file.path, file]))
    if (yield* isThere(job, verified)) return yield* remove(cleanup)
    const reason = "its copy was lost or spoilt while its data lay in the trash: they are sent again"
    yield* Effect.logError(reason, { path: job.path })
    yield* queue.release(claim, "queued", { reason, verifyPasses: 0 })
  })

/** Files that somebody wrote to after they were moved are nowhere else: such a trash is left to people. */
const empty = <R>(cleanup: Cleanup, looks: TargetLooks<R>) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const queue = yield* SyncQueue
    // A job in another state is worked on by somebody, who finishes or undoes the clean-up.
    const claim = yield* queue.claimJob(cleanup.jobId, ["cleaned"])
    if (Option.isNone(claim)) return
    const strangers = yield* strangersIn(cleanup)
    if (strangers.length === 0) {
      return yield* holding(claim.value, emptyOrSendAgain(claim.value, cleanup, looks))
    }
    const { path, trash } = cleanup
    yield* ledger.endCleanup(cleanup.jobId)
    yield* Effect.logWarning("a trash is left alone: not everything in it was verified", {
      path,
      trash,
      files: strangers.slice(0, 20),
    })
  }).pipe(Effect.scoped)

/**
 * Removes for good what has been in the trash long enough, if its copy is there as it was verified. One that can't be
 * removed is tried again next time.
 */
export const emptyTrash = Effect.fn("Sync.emptyTrash")(function* <R>(looks: TargetLooks<R>) {
  const ledger = yield* SyncLedger
  const { enabled, trashHours } = (yield* Settings).nasCleanup
  if (!enabled) return
  const before = (yield* twoClocks).earliest - Duration.toMillis(Duration.hours(trashHours))
  const due = yield* ledger.sealedBefore(before)
  yield* Effect.forEach(
    due,
    (cleanup) =>
      Effect.catchAll(empty(cleanup, looks), ({ message }) =>
        Effect.logWarning(`a trash could not be emptied, and is tried again: ${message}`, {
          trash: cleanup.trash,
        }),
      ),
    { discard: true },
  )
})
