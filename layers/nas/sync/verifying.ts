import { Clock, Effect, Option } from "effect"
import { SyncGate } from "../../../src/audit/SyncGate.ts"
import { SyncRefused } from "../../../src/domain/SyncErrors.ts"
import type { SyncJob, VerifyReport } from "../../../src/domain/SyncJob.ts"
import { checksumsPath, creationPath, notItsOwn } from "../../../src/domain/PublishedTree.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { SyncLedger, type VerifiedFile } from "../../../src/ports/SyncLedger.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { differenceOf, onlyThere } from "./comparing.ts"
import { digestAll } from "./digesting.ts"
import { bytesOf, listTree } from "./localTree.ts"
import { makeFileMeter } from "./meter.ts"
import { obstacle } from "./enqueueing.ts"
import { placesOf, SyncParts } from "./SyncParts.ts"
import { checkTarget, transportOf } from "./target.ts"

const refused = (path: string, reason: string): SyncRefused => new SyncRefused({ path, reason })

/** They go last, and are on no list of what was verified: a record may change later. The copy has them all the same. */
const comparedLate: ReadonlySet<string> = new Set([creationPath, checksumsPath])

/** Compares a directory with its copy under its final name. */
const compare = Effect.fnUntraced(function* (job: SyncJob) {
  const { paths } = yield* Settings
  const { forgetProgress, report } = yield* SyncParts
  const transport = yield* transportOf(job.equipmentId)
  const places = placesOf(paths.localRoot, job)
  if (places === null || Option.isNone(transport)) {
    return yield* refused(job.path, (yield* obstacle(job.equipmentId)) ?? "it has no place on the NAS")
  }
  yield* checkTarget(job.equipmentId, transport.value)
  const tree = yield* listTree(job.path, job.level)
  const toRead = [...tree.files, ...tree.late.filter(({ path }) => comparedLate.has(path))]
  const total = { bytes: bytesOf(toRead), files: toRead.length }
  const meter = yield* makeFileMeter("hashing", total, (progress) => report(job.id, progress))
  const read = yield* Effect.ensuring(digestAll(job.path, toRead, new Map(), meter), forgetProgress(job.id))
  const { different, missing } = differenceOf(
    read.files,
    yield* transport.value.digests(places.final, [...read.files.keys()]),
  )
  const { unstable } = read
  const files = new Map([...read.files].filter(([path]) => !comparedLate.has(path)))
  const there = yield* transport.value.list(places.final, notItsOwn[job.level])
  const verified = {
    path: job.path,
    ok: missing.length + different.length + unstable.length === 0,
    files: files.size,
    bytes: bytesOf([...files.values()]),
    missing,
    different,
    unstable,
    skipped: tree.skipped,
    extra: onlyThere(tree, there),
  } satisfies VerifyReport
  return { report: verified, files: [...files.values()] }
})

/** Whether what was verified is there right now, byte for byte: a copy may be gone, spoilt, or on another target. */
export const isThere = Effect.fn("Sync.isThere")(function* (
  job: SyncJob,
  files: ReadonlyMap<string, VerifiedFile>,
) {
  const { paths } = yield* Settings
  const transport = yield* transportOf(job.equipmentId)
  const places = placesOf(paths.localRoot, job)
  if (places === null || Option.isNone(transport)) return false
  yield* checkTarget(job.equipmentId, transport.value)
  const { different, missing } = differenceOf(
    files,
    yield* transport.value.digests(places.final, [...files.keys()]),
  )
  return different.length + missing.length === 0
})

/** Whether a directory and its copy are the same; that they are is remembered as one more pass. */
export const isVerified = Effect.fn("Sync.isVerified")(function* (job: SyncJob) {
  const ledger = yield* SyncLedger
  const { files, report } = yield* compare(job)
  if (report.ok) yield* ledger.record(job.id, (yield* twoClocks).latest, files)
  else yield* ledger.forget(job.id)
  return report.ok
})

/**
 * What a person asks for. A directory that was verified before and still is has passed once more; one that
 * isn't any more has to begin anew with its passes.
 */
export const verify = Effect.fn("Sync.verifyNow")(function* (path: string) {
  const gate = yield* SyncGate
  const queue = yield* SyncQueue
  const { tell } = yield* SyncParts
  const destination = yield* gate.locate(path)
  const job = yield* queue.find(destination.path)
  if (Option.isNone(job)) return yield* refused(destination.path, "it was never queued for the NAS")
  if (job.value.state === "cleaned") {
    return yield* refused(destination.path, "it was cleaned up: there is nothing left here to compare")
  }
  const ledger = yield* SyncLedger
  const { files, report } = yield* compare(job.value)
  // Whoever holds the job meanwhile must not clean up on the strength of earlier passes.
  if (!report.ok) yield* ledger.forget(job.value.id)
  const done = ["verified", "cleanup_eligible"] as const
  yield* Effect.scoped(
    Effect.gen(function* () {
      const claim = yield* queue.claimJob(job.value.id, done)
      if (Option.isNone(claim)) return
      const { state, verifyPasses } = claim.value.job
      const verifiedAt = yield* Clock.currentTimeMillis
      if (report.ok) yield* ledger.record(job.value.id, (yield* twoClocks).latest, files)
      const facts = report.ok
        ? { verifyPasses: verifyPasses + 1, verifiedAt, reason: "" }
        : { verifyPasses: 0, reason: "the copy isn't as the directory is any more: enqueue it again" }
      yield* tell(yield* queue.release(claim.value, report.ok ? state : "verified", facts))
    }).pipe(Effect.catchTag("LeaseLost", ({ message }) => Effect.logInfo(message))),
  )
  return report
})
