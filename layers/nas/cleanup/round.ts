import { Clock, Duration, Effect, Option } from "effect"
import { isReached } from "../../../src/audit/reaching.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { type Claim, LeaseLost, QueueUnavailable, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { type TwoClocks, twoClocks } from "../../sharing/twoClocks.ts"
import { hasHome } from "../sync/home.ts"
import { type Next, nextAfter } from "./afterwards.ts"
import { cleanUp } from "./cleaning.ts"
import { holding } from "./holding.ts"
import type { TargetLooks } from "./TargetLooks.ts"

interface Trouble {
  readonly _tag: string
  readonly message: string
}

/** What a round needs of the sync. */
export interface Helpers<E, R> extends TargetLooks<R> {
  /** Compares a job's directory with its copy, and records a pass in the ledger when they are the same; else false. */
  readonly verify: (job: SyncJob) => Effect.Effect<boolean, E, R>
}

/** It isn't synced any more, and whoever works on it may come long after this: its target may be away. */
const queueAgain = (claim: Claim, reason: string) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const writer = yield* CreationWriter
    const disk = yield* Disk
    const { localRoot } = (yield* Settings).paths
    const { path } = claim.job
    // A link in its place leads to another's record.
    yield* isReached(disk, localRoot, path).pipe(
      Effect.flatMap((isOwn) =>
        isOwn ? Effect.asVoid(writer.update(path, () => ({ syncStatus: "pending" }))) : Effect.void,
      ),
      Effect.catchAll(({ message }) =>
        Effect.logWarning(`not said in its record that it is pending: ${message}`),
      ),
    )
    return yield* queue.release(claim, "queued", { reason, verifyPasses: 0 })
  })

const follow = <E, R>(claim: Claim, next: Next, now: TwoClocks, verify: Helpers<E, R>["verify"]) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    switch (next._tag) {
      case "Wait":
        return yield* queue.release(claim, "verified", {
          reason: next.reason,
          // The queue goes by the clock that may have been set.
          notBefore: now.set + (next.until - now.earliest),
        })
      case "QueueAgain":
        return yield* queueAgain(claim, next.reason)
      case "VerifyAgain":
        return (yield* verify(claim.job))
          ? yield* queue.release(claim, "verified", {
              verifyPasses: claim.job.verifyPasses + 1,
              verifiedAt: yield* Clock.currentTimeMillis,
              notBefore: null,
              reason: "",
            })
          : yield* queueAgain(claim, "its copy isn't as it was")
    }
  })

const oneStep = <E, R>(claim: Claim, { verify, ...looks }: Helpers<E, R>) =>
  Effect.gen(function* () {
    const { nasCleanup } = yield* Settings
    const outcome = yield* cleanUp(claim, looks)
    if (outcome._tag === "CleanedUp") return outcome.job
    const now = yield* twoClocks
    const next = nextAfter(outcome.unmet, outcome.lastVerified, nasCleanup, now.earliest)
    return yield* follow(outcome.claim, next, now, verify)
  })

const afterTrouble = Duration.toMillis("10 minutes")

/** Trouble with one run mustn't keep others from their turn: it is told, and looked at again later. */
const putOff = (claim: Claim, reason: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const ledger = yield* SyncLedger
    const queue = yield* SyncQueue
    const { equipmentId, id, path } = claim.job
    const isGone = Option.isNone(yield* disk.lstat(path)) && Option.isNone(yield* ledger.cleanup(id))
    if (isGone && (yield* hasHome(equipmentId)))
      return yield* queue.release(claim, "failed", { reason: "the directory is gone" })
    yield* Effect.logWarning(`clean-up: ${reason}`, { path })
    const now = yield* Clock.currentTimeMillis
    return yield* queue.release(claim, "verified", { reason, notBefore: now + afterTrouble })
  })

const isAboutQueue = (error: Trouble): error is LeaseLost | QueueUnavailable =>
  error instanceof LeaseLost || error instanceof QueueUnavailable

const recover = (
  claim: Claim,
  error: Trouble,
): Effect.Effect<
  SyncJob,
  LeaseLost | Effect.Effect.Error<ReturnType<typeof putOff>>,
  Effect.Effect.Context<ReturnType<typeof putOff>>
> => (isAboutQueue(error) ? Effect.fail(error) : putOff(claim, error.message))

/**
 * Takes one verified job and does the next thing on its way to be cleaned up: verifies it once more, cleans it up,
 * puts it off, or, when it isn't as it was verified, back into the queue. Returns it; none when no job is due.
 */
export const cleaningRound = Effect.fn("Sync.cleaningRound")(function* <E extends Trouble, R>(
  helpers: Helpers<E, R>,
) {
  const queue = yield* SyncQueue
  const { nasCleanup } = yield* Settings
  if (!nasCleanup.enabled) return Option.none<SyncJob>()
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const states = ["verified", "cleanup_eligible"] as const
      const claim = yield* queue.claim({ states, level: "run", perEquipment: null, except: [] })
      return yield* Effect.transposeMapOption(claim, (held) =>
        holding(held, oneStep(held, helpers)).pipe(Effect.catchAll((error) => recover(held, error))),
      )
    }),
  )
})
