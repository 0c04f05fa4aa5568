import { Clock, Effect, Option } from "effect"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Claim, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { type TwoClocks, twoClocks } from "../../sharing/twoClocks.ts"
import { type Next, nextAfter } from "./afterwards.ts"
import { cleanUp } from "./cleaning.ts"
import { holding } from "./holding.ts"
import type { TargetLooks } from "./TargetLooks.ts"

/** What a round needs of the sync. */
export interface Helpers<E, R> extends TargetLooks<R> {
  /** Compares a job's directory with its copy, and records a pass in the ledger when they are the same; else false. */
  readonly verify: (job: SyncJob) => Effect.Effect<boolean, E, R>
}

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
        return yield* queue.release(claim, "queued", { reason: next.reason, verifyPasses: 0 })
      case "VerifyAgain":
        return (yield* verify(claim.job))
          ? yield* queue.release(claim, "verified", {
              verifyPasses: claim.job.verifyPasses + 1,
              verifiedAt: yield* Clock.currentTimeMillis,
              notBefore: null,
              reason: "",
            })
          : yield* queue.release(claim, "queued", { reason: "its copy isn't as it was", verifyPasses: 0 })
    }
  })

const oneStep = <E, R>(claim: Claim, { isThere, target, verify }: Helpers<E, R>) =>
  Effect.gen(function* () {
    const { nasCleanup } = yield* Settings
    const outcome = yield* cleanUp(claim, target(claim.job), (files) => isThere(claim.job, files))
    if (outcome._tag === "CleanedUp") return outcome.job
    const now = yield* twoClocks
    const next = nextAfter(outcome.unmet, outcome.lastVerified, nasCleanup, now.earliest)
    return yield* follow(outcome.claim, next, now, verify)
  })

/**
 * Takes one verified job and does the next thing on its way to be cleaned up: verifies it once more, cleans it up,
 * puts it off, or, when it isn't as it was verified, back into the queue. Returns it; none when no job is due.
 */
export const cleaningRound = Effect.fn("Sync.cleaningRound")(function* <E, R>(helpers: Helpers<E, R>) {
  const queue = yield* SyncQueue
  const { nasCleanup } = yield* Settings
  if (!nasCleanup.enabled) return Option.none<SyncJob>()
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const states = ["verified", "cleanup_eligible"] as const
      const claim = yield* queue.claim({ states, level: "run", perEquipment: null, except: [] })
      return yield* Effect.transposeMapOption(claim, (held) => holding(held, oneStep(held, helpers)))
    }),
  )
})
