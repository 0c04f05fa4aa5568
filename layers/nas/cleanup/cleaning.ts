import { type Array, Clock, Effect, Either, Exit, Option } from "effect"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Cleanup, SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { type Claim, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { listTree } from "../sync/localTree.ts"
import { differenceFrom } from "./comparing.ts"
import { factsAbout } from "./facts.ts"
import { finish } from "./finishing.ts"
import { type Difference, isAhead, Proof, type Unmet } from "./Proof.ts"
import { digestsOfRecords, digestsOfRestamped } from "./rereading.ts"
import type { TargetLooks } from "./TargetLooks.ts"
import { moveOut, trashFor } from "./trash.ts"
import { undo } from "./undoing.ts"

/** What became of a claimed job: cleaned, and released; or still claimed and as it was before, with the reasons. */
export type CleanupOutcome =
  | { readonly _tag: "CleanedUp"; readonly job: SyncJob }
  | {
      readonly _tag: "NotYet"
      readonly claim: Claim
      readonly unmet: Array.NonEmptyReadonlyArray<Unmet>
      /** When the last verification was, milliseconds since 1970; null before the first. */
      readonly lastVerified: number | null
    }

const isNothing = ({ appeared, changed, special, vanished }: Difference): boolean =>
  appeared.length + changed.length + special.length + vanished.length === 0

/**
 * Moves everything out and looks once more: what was written before the move, and after the decision, is seen now.
 * False when the two don't fit, and everything has to go back.
 */
const moveAndSeal = (proof: Proof, claim: Claim, cleanup: Cleanup) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const queue = yield* SyncQueue
    yield* queue.renew(claim)
    yield* moveOut(cleanup)
    const trash = yield* listTree(cleanup.trash, "run")
    const contents = yield* digestsOfRestamped(cleanup.trash, trash.files, proof.files)
    const place = yield* listTree(cleanup.path, "run")
    if (!isNothing(differenceFrom(proof.files, place, trash, contents))) return false
    yield* queue.renew(claim)
    const restamped = trash.files.filter(({ path, stamp }) => proof.files.get(path)?.stamp !== stamp)
    yield* ledger.seal(claim.job.id, (yield* twoClocks).latest, restamped)
    return true
  })

const sealed = (cleanup: Cleanup) =>
  Effect.map(
    Effect.flatMap(SyncLedger, (ledger) => ledger.cleanup(cleanup.jobId)),
    Option.exists(({ sealedAt }) => sealedAt !== null),
  )

/** Nothing may stay half moved: whatever stops the moving, it is undone, or, after a kill, at the next try. */
const takeAway = (proof: Proof, claim: Claim, begun: Cleanup | null) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const startedAt = yield* Clock.currentTimeMillis
    const { bytes, files, pass } = proof.last
    const cleanup: Cleanup = {
      jobId: claim.job.id,
      path: claim.job.path,
      trash: begun?.trash ?? trashFor(claim.job, startedAt),
      pass,
      files,
      bytes,
      startedAt,
      sealedAt: null,
    }
    const undoUnlessSealed = Effect.flatMap(sealed(cleanup), (done) =>
      done ? Effect.void : undo(cleanup),
    ).pipe(Effect.catchAll((error) => Effect.logWarning("a clean-up is undone at the next try", error)))
    const whole = yield* Effect.zipRight(
      ledger.beginCleanup(cleanup),
      moveAndSeal(proof, claim, cleanup),
    ).pipe(Effect.onExit((exit) => (Exit.isSuccess(exit) && exit.value ? Effect.void : undoUnlessSealed)))
    return whole ? Option.some(cleanup) : Option.none()
  })

const changedMeanwhile: Unmet = {
  condition: "unchanged",
  message: "the run changed while it was moved to the trash; everything was put back",
}

/** Whoever works on its job puts back what was taken. */
const goneHalfway: Unmet = {
  condition: "unchanged",
  message: "the directory is gone, and a part of its data was moved to the trash before",
}

/** What was verified before counts no more. */
const lostThere: Unmet = { condition: "verified", message: "its copy isn't as it was verified" }

/** Deletes what a proof allows to be deleted: all of a run's data go to the trash, or none. */
const deleteProven = (proof: Proof, claimed: Claim, begun: Cleanup | null) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const claim = yield* queue.move(claimed, "cleanup_eligible")
    const cleanup = yield* takeAway(proof, claim, begun)
    if (Option.isNone(cleanup)) {
      return { _tag: "NotYet", claim, unmet: [changedMeanwhile], lastVerified: proof.last.at } as const
    }
    return { _tag: "CleanedUp", job: yield* finish(claim, cleanup.value) } as const
  })

const recordsChanged: Unmet = {
  condition: "unchanged",
  message: "its records aren't on the target as they are here",
}

/** What changes late, as it is here. */
const recordsIn = (path: string) =>
  Effect.flatMap(listTree(path, "run"), ({ late }) => digestsOfRecords(path, late))

/** What keeps a proven clean-up back when the target is read once more; null: nothing. */
const problemThere = <R>(proof: Proof, { isThere }: TargetLooks<R>) =>
  Effect.gen(function* () {
    const { retainCache } = (yield* Settings).nasCleanup
    if (!(yield* isThere(proof.job, proof.files))) return lostThere
    // Records that are to go along are on no list of what was verified.
    if (retainCache) return null
    return (yield* isThere(proof.job, yield* recordsIn(proof.job.path))) ? null : recordsChanged
  }).pipe(
    Effect.catchTag("SyncFailure", ({ reason }) =>
      Effect.succeed<Unmet>({ condition: "target", message: reason }),
    ),
  )

/**
 * Cleans up the run of a claimed job if it may be, and does nothing to it otherwise. The copy is read back when nothing
 * else is in the way. What a killed process has begun is finished or undone. The claim is released when the run was
 * cleaned up, and else left to the caller.
 */
export const cleanUp = Effect.fn("Sync.cleanUp")(function* <R>(claim: Claim, looks: TargetLooks<R>) {
  const ledger = yield* SyncLedger
  const begun = Option.getOrNull(yield* ledger.cleanup(claim.job.id))
  if (begun !== null && begun.sealedAt !== null) {
    return { _tag: "CleanedUp", job: yield* finish(claim, begun) } satisfies CleanupOutcome
  }
  const isGone = Option.isNone(yield* Effect.flatMap(Disk, (disk) => disk.lstat(claim.job.path)))
  if (begun !== null && isGone) {
    return { _tag: "NotYet", claim, unmet: [goneHalfway], lastVerified: null } satisfies CleanupOutcome
  }
  const targetProblem = yield* Effect.match(looks.target(claim.job), {
    onFailure: ({ reason }) => reason,
    onSuccess: () => null,
  })
  const facts = yield* factsAbout(claim.job, begun, targetProblem)
  const decision = Proof.decide(facts)
  if (Either.isRight(decision)) {
    const problem = yield* problemThere(decision.right, looks)
    if (problem === null) {
      return (yield* deleteProven(decision.right, claim, begun)) satisfies CleanupOutcome
    }
    if (begun !== null) yield* undo(begun)
    if (problem === lostThere) yield* ledger.forget(claim.job.id)
    const lastVerified = problem === lostThere ? null : decision.right.last.at
    return { _tag: "NotYet", claim, unmet: [problem], lastVerified } satisfies CleanupOutcome
  }
  if (begun !== null) yield* undo(begun)
  const lastVerified = facts.evidence === null || isAhead(facts) ? null : facts.evidence.last.at
  return { _tag: "NotYet", claim, unmet: decision.left, lastVerified } satisfies CleanupOutcome
})
