import { Effect, Option } from "effect"
import { SyncRefused } from "../../../src/domain/SyncErrors.ts"
import type { SyncJob, SyncJobState } from "../../../src/domain/SyncJob.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../../src/ports/SyncQueue.ts"
import type { MarkedTarget } from "../../../src/ports/SyncService.ts"
import { SyncParts } from "./SyncParts.ts"

type Moved = Omit<MarkedTarget, "targetId">

export const nothingMoved: Moved = { queuedAgain: 0, leftBehind: 0 }

const verified = ["verified", "cleanup_eligible"] as const

/** Every job of an equipment in these states, page by page. */
const forEachJob = <A, E, R>(
  equipmentId: string,
  states: ReadonlyArray<SyncJobState>,
  use: (job: SyncJob) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const results: Array<A> = []
    let after: string | undefined = undefined
    for (;;) {
      const jobs: ReadonlyArray<SyncJob> = yield* queue.list({
        equipmentId,
        states,
        ...(after === undefined ? {} : { after }),
      })
      for (const job of jobs) results.push(yield* use(job))
      const last: SyncJob | undefined = jobs.at(-1)
      if (last === undefined) return results
      after = last.id
    }
  })

const reason = "its target was replaced by another one"

/** What was verified of it, and what its record says, was about the former target. */
const unsettle = ({ id, path }: SyncJob) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const writer = yield* CreationWriter
    yield* ledger.forget(id)
    yield* Effect.catchAll(
      writer.update(path, () => ({ syncStatus: "pending" })),
      ({ message }) => Effect.logWarning(`not said in its record that it is pending: ${message}`),
    )
  })

/** False for a job that somebody holds just now. */
const queueAgain = (job: SyncJob) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const { tell } = yield* SyncParts
    const claim = yield* queue.claimJob(job.id, verified)
    if (Option.isNone(claim)) return false
    yield* unsettle(job)
    yield* tell(yield* queue.release(claim.value, "queued", { reason, verifyPasses: 0, attempt: 0 }))
    return true
  }).pipe(
    Effect.scoped,
    Effect.catchTag("LeaseLost", () => Effect.succeed(false)),
  )

const beingCompared = (equipmentId: string, held: number) =>
  new SyncRefused({
    path: equipmentId,
    reason: `${held} of its directories are being compared with their copies just now: do it again when that is done`,
  })

/**
 * Has everything that an equipment's former target held copied again. What was cleaned up here can't be, and what
 * somebody is looking at just now is refused: asked again a little later it may be free.
 */
export const queueAllAgain = Effect.fn("Sync.queueAllAgain")(function* (equipmentId: string) {
  const queued = yield* forEachJob(equipmentId, verified, queueAgain)
  const held = queued.filter((done) => !done).length
  if (held > 0) return yield* beingCompared(equipmentId, held)
  const cleaned = yield* forEachJob(equipmentId, ["cleaned"], () => Effect.void)
  return { queuedAgain: queued.length, leftBehind: cleaned.length } satisfies Moved
})

/** Takes another target with what was verified on the former one meanwhile, which is copied again; how many that are. */
export const takeAnother = Effect.fn("Sync.takeAnother")(function* (equipmentId: string, targetId: string) {
  const queue = yield* SyncQueue
  const { tell } = yield* SyncParts
  const { held, underWay, verified } = yield* queue.replaceTarget(equipmentId, targetId, reason)
  if (held > 0) return yield* beingCompared(equipmentId, held)
  for (const job of [...verified, ...underWay]) {
    yield* tell(job)
    // Whoever works on it by now has the last word.
    yield* Effect.scoped(
      Effect.flatMap(
        queue.claimJob(job.id, ["queued"]),
        Effect.transposeMapOption(() => unsettle(job)),
      ),
    )
  }
  return verified.length
})
