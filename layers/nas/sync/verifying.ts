import { Clock, Effect, Option } from "effect"
import { SyncGate } from "../../../src/audit/SyncGate.ts"
import { type Checksum, maxChecksumsBytes, parseChecksums } from "../../../src/domain/Checksums.ts"
import { joinPath } from "../../../src/domain/Destination.ts"
import { SyncRefused } from "../../../src/domain/SyncErrors.ts"
import type { SyncJob, VerifyReport } from "../../../src/domain/SyncJob.ts"
import { checksumsPath, creationPath, notItsOwn } from "../../../src/domain/PublishedTree.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { SyncLedger, type VerifiedFile } from "../../../src/ports/SyncLedger.ts"
import type { TargetEntry } from "../../../src/ports/SyncTransport.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { takenFrom } from "../cleanup/trashNotes.ts"
import { clashes, clashRemedy, differenceOf, onlyThere } from "./comparing.ts"
import { digestAll } from "./digesting.ts"
import { bytesOf, listTree, type LocalTree } from "./localTree.ts"
import { makeFileMeter } from "./meter.ts"
import { remedyFor } from "./cleanedUp.ts"
import { obstacle } from "./enqueueing.ts"
import { nameTaken } from "./takenNames.ts"
import { placesOf, SyncParts } from "./SyncParts.ts"
import { checkTarget, transportOf } from "./target.ts"
import { withoutJob } from "./withoutJob.ts"

const refused = (path: string, reason: string): SyncRefused => new SyncRefused({ path, reason })

/** They go last, and are on no list of what was verified: a record may change later. The copy has them all the same. */
const comparedLate: ReadonlySet<string> = new Set([creationPath, checksumsPath])

/** A clean-up changes the record here, and not there. */
const staysTheSame: ReadonlySet<string> = new Set([checksumsPath])

/** What the copy of a directory has whose data were removed here: `checksums.sha256` stayed. */
const removedHere = Effect.fnUntraced(function* ({ path, state }: SyncJob) {
  if (state !== "cleaned") return new Map<string, Checksum>()
  const disk = yield* Disk
  const bytes = yield* Effect.option(
    disk.readFile(joinPath(path, checksumsPath), { maxBytes: maxChecksumsBytes }),
  )
  const { badLines, checksums } = parseChecksums(Option.getOrElse(bytes, () => new Uint8Array()))
  if (checksums.length > 0 && badLines.length === 0) return new Map(checksums.map((one) => [one.path, one]))
  return yield* refused(
    path,
    `it was cleaned up, and its ${checksumsPath}, which says what its copy has to be, can't be read`,
  )
})

/** What a person has to do there before anything is sent; null: nothing. */
const obstacleThere = (tree: LocalTree, there: ReadonlyArray<TargetEntry>): string | null => {
  const inTheWay = clashes(tree, there)
  if (inTheWay.length > 0) return clashRemedy(inTheWay)
  const isTaken =
    tree.late.every(({ path }) => path !== checksumsPath) && there.some(({ path }) => path === creationPath)
  return isTaken ? nameTaken : null
}

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
  const late = job.state === "cleaned" ? staysTheSame : comparedLate
  const toRead = [...tree.files, ...tree.late.filter(({ path }) => late.has(path))]
  const total = { bytes: bytesOf(toRead), files: toRead.length }
  const meter = yield* makeFileMeter("hashing", total, (progress) => report(job.id, progress))
  const read = yield* Effect.ensuring(digestAll(job.path, toRead, new Map(), meter), forgetProgress(job.id))
  const removed = yield* removedHere(job)
  const expected = new Map<string, { readonly sha256: string }>([...removed, ...read.files])
  const { different, missing } = differenceOf(
    expected,
    yield* transport.value.digests(places.final, [...expected.keys()]),
  )
  const { unstable } = read
  const files = [...read.files.values()].filter(({ path }) => !comparedLate.has(path))
  const there = yield* transport.value.list(places.final, notItsOwn[job.level])
  const wrong = [...missing, ...different, ...unstable]
  // What is here under the name of something that was removed, and is something else, says nothing of the copy.
  const isGone = ({ path, sha256 }: Checksum): boolean => (read.files.get(path)?.sha256 ?? sha256) === sha256
  const gone = [...removed.values()].filter(isGone).map(({ path }) => path)
  const verified = {
    path: job.path,
    ok: wrong.length === 0,
    remedy:
      wrong.length === 0
        ? null
        : (obstacleThere(tree, there) ?? (yield* remedyFor(job, wrong, new Set(gone)))),
    files: expected.size + unstable.length,
    // Nobody has written down how large each of those was that are gone here.
    bytes: removed.size > 0 ? job.bytes : bytesOf(toRead),
    missing,
    different,
    unstable,
    skipped: tree.skipped,
    extra: onlyThere(tree, there).filter((path) => !expected.has(path)),
  } satisfies VerifyReport
  return { report: verified, files }
})

/** Whether these files are there right now, byte for byte: a copy may be gone, spoilt, or on another target. */
export const isThere = Effect.fn("Sync.isThere")(function* (
  job: SyncJob,
  files: ReadonlyMap<string, Pick<VerifiedFile, "sha256">>,
) {
  const { paths } = yield* Settings
  const transport = yield* transportOf(job.equipmentId)
  const places = placesOf(paths.localRoot, job)
  if (places === null || Option.isNone(transport)) return false
  yield* checkTarget(job.equipmentId, transport.value)
  const there = yield* transport.value.digests(places.final, [...files.keys()])
  const { different, missing } = differenceOf(files, there)
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
 * isn't any more has to begin anew with its passes. What says that it was copied is compared without a job, too.
 */
export const verify = Effect.fn("Sync.verifyNow")(function* (path: string) {
  const gate = yield* SyncGate
  const queue = yield* SyncQueue
  const { tell } = yield* SyncParts
  const destination = yield* gate.locate(path)
  const job = yield* queue.find(destination.path)
  if (Option.isNone(job)) return (yield* compare(yield* withoutJob(destination))).report
  const ledger = yield* SyncLedger
  const begun = yield* takenFrom(job.value)
  if (Option.isSome(begun) && job.value.state !== "cleaned") {
    return yield* refused(
      destination.path,
      `its data are on their way to the trash, or back: ${job.value.reason || "ask again later"}`,
    )
  }
  const { files, report } = yield* compare(job.value)
  if (job.value.state === "cleaned") return report
  const done = ["verified", "cleanup_eligible"] as const
  yield* Effect.scoped(
    Effect.gen(function* () {
      const claim = yield* queue.claimJob(job.value.id, done)
      if (Option.isNone(claim)) return
      const { state, verifyPasses } = claim.value.job
      const verifiedAt = yield* Clock.currentTimeMillis
      // Only whoever holds the job may say so: data that are being cleaned up vanish here.
      if (report.ok) yield* ledger.record(job.value.id, (yield* twoClocks).latest, files)
      else yield* ledger.forget(job.value.id)
      const facts = report.ok
        ? { verifyPasses: verifyPasses + 1, verifiedAt, reason: "" }
        : { verifyPasses: 0, reason: "the copy isn't as the directory is any more: enqueue it again" }
      yield* tell(yield* queue.release(claim.value, report.ok ? state : "verified", facts))
    }).pipe(Effect.catchTag("LeaseLost", ({ message }) => Effect.logInfo(message))),
  )
  return report
})
