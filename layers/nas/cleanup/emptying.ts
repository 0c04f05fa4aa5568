import { Duration, Effect, Option } from "effect"
import { isMetadata } from "../../../src/domain/PublishedTree.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Cleanup, SyncLedger, type VerifiedFile } from "../../../src/ports/SyncLedger.ts"
import { type Claim, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { removeTree } from "../../disk/trees.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { requireHome } from "../sync/home.ts"
import { emptyTree } from "../sync/localTree.ts"
import { listed } from "../../../src/domain/listed.ts"
import { Evidence } from "./Evidence.ts"
import { treeAt } from "./facts.ts"
import { tell } from "./finishing.ts"
import { holding } from "./holding.ts"
import { digestsOfRecords, digestsOfRestamped } from "./rereading.ts"
import { standsAt } from "./place.ts"
import type { TargetLooks } from "./TargetLooks.ts"
import { removeEmpty } from "./trash.ts"

const treeIn = (trash: string) => Effect.map(treeAt(trash), (tree) => tree ?? emptyTree)

/** What is in a trash and isn't as it was put there. A part of it may be gone: somebody was interrupted. */
const strangersIn = (trash: string, verified: ReadonlyMap<string, VerifiedFile>) =>
  Effect.gen(function* () {
    const tree = yield* treeIn(trash)
    const contents = yield* digestsOfRestamped(trash, tree.files, verified)
    const isKnown = (path: string, stamp: string): boolean => {
      const file = verified.get(path)
      return file !== undefined && (file.stamp === stamp || contents.get(path) === file.sha256)
    }
    const others = tree.files.filter(({ path, stamp }) => !isMetadata(path) && !isKnown(path, stamp))
    return [...others.map(({ path }) => path), ...tree.skipped]
  })

/** What keeps a trash from being removed; null: all of it is on the target, as it was verified. */
const doubtAbout = <R>({ job }: Claim, { trash }: Cleanup, { isThere, target }: TargetLooks<R>) =>
  Effect.gen(function* () {
    // A trash that isn't there was emptied, unless its disk is away.
    yield* requireHome(job.equipmentId)
    yield* target(job)
    const evidence = yield* Evidence.of(job.id)
    if (Option.isNone(evidence)) return "what was verified was forgotten"
    const { files } = evidence.value
    if (!(yield* isThere(job, files))) return "its copy was lost or spoilt"
    const records = yield* digestsOfRecords(trash, (yield* treeIn(trash)).late)
    if (records.size > 0 && !(yield* isThere(job, records)))
      return "its records aren't there as they are here"
    // Reading back takes long: whatever came to the trash meanwhile is nowhere else.
    const strangers = yield* strangersIn(trash, files)
    return strangers.length === 0 ? null : `these changed or came: ${listed(strangers)}`
  })

const remove = (cleanup: Cleanup) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const { bytes, files, path } = cleanup
    const isItsPlace = (yield* standsAt(cleanup)) === "the run"
    yield* removeTree(cleanup.trash)
    yield* removeEmpty(cleanup.trash)
    if (isItsPlace) yield* tell(path, `removed from the trash: ${files} files, ${bytes} bytes`)
    // The other way round, somebody who is interrupted leaves data that are missed, and nothing that says what they were.
    yield* ledger.endCleanup(cleanup.jobId)
    yield* ledger.forget(cleanup.jobId)
  })

/** In doubt the data may be the only ones: they are sent again, and whoever works on that puts them back first. */
const removeOrSendAgain = <R>(claim: Claim, cleanup: Cleanup, looks: TargetLooks<R>) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const doubt = yield* doubtAbout(claim, cleanup, looks)
    if (doubt === null) return yield* remove(cleanup)
    const reason = `${doubt} while its data lay in the trash: they are sent again`
    yield* Effect.logError(reason, { path: cleanup.path, trash: cleanup.trash })
    yield* queue.release(claim, "queued", { reason, verifyPasses: 0 })
  })

const isDue = ({ sealedAt }: Cleanup, before: number): boolean => sealedAt !== null && sealedAt <= before

/** A job in another state than `cleaned` is worked on by somebody, who finishes or undoes the clean-up. */
const empty = <R>(jobId: string, before: number, looks: TargetLooks<R>) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const queue = yield* SyncQueue
    const claim = yield* queue.claimJob(jobId, ["cleaned"])
    if (Option.isNone(claim)) return
    // Others may have put it back, and taken it away anew.
    const cleanup = Option.filter(yield* ledger.cleanup(jobId), (found) => isDue(found, before))
    if (Option.isNone(cleanup)) return
    yield* holding(claim.value, removeOrSendAgain(claim.value, cleanup.value, looks))
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
    ({ jobId, trash }) =>
      Effect.catchAll(empty(jobId, before, looks), (error) =>
        Effect.logWarning("a trash could not be emptied, and is tried again", {
          trash,
          reason: error._tag === "SyncFailure" ? error.reason : error.message,
        }),
      ),
    { discard: true },
  )
})
