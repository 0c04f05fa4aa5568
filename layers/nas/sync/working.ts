import { Cause, Clock, DateTime, Duration, Effect, Exit, Option, Random, Schedule } from "effect"
import { blocking, rulesAndPlaces } from "../../../src/domain/blocking.ts"
import { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { SyncJob, SyncStatus } from "../../../src/domain/SyncJob.ts"
import { afterFailure } from "../../../src/domain/SyncRetry.ts"
import { SyncGate } from "../../../src/audit/SyncGate.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Claim, LeaseLost, type QueueUnavailable, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { type LogLevel, tagsOf, WizardLog } from "../../../src/ports/WizardLog.ts"
import { listed } from "../../../src/domain/listed.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { restore } from "../cleanup/undoing.ts"
import {
  clearGathered,
  type Errand,
  publishThere,
  readHere,
  type Reading,
  sendLate,
  stillTheSame,
  transfer,
  verifyThere,
  writeChecksums,
} from "./copying.ts"
import { enqueue } from "./enqueueing.ts"
import { homeAway } from "./home.ts"
import { bytesOf } from "./localTree.ts"
import { JobStopped, localTrouble, noRecord, stopped } from "./stops.ts"
import { placesOf, SyncParts } from "./SyncParts.ts"
import { bindTarget, isRemembered, transportOf } from "./target.ts"

/** What the record of a directory says from now on: not of another that a link in its place leads to. */
const setStatus = Effect.fnUntraced(function* ({ path }: SyncJob, syncStatus: SyncStatus) {
  const gate = yield* SyncGate
  const writer = yield* CreationWriter
  yield* gate.locate(path)
  return yield* writer.update(path, () => ({ syncStatus }))
})

const note = Effect.fnUntraced(function* ({ path }: SyncJob, message: string, level: LogLevel = "INFO") {
  const gate = yield* SyncGate
  const log = yield* WizardLog
  const place = yield* gate.locate(path)
  const record = yield* Effect.flatMap(CreationWriter, ({ read }) => Effect.option(read(path)))
  const tags = tagsOf(place, Option.getOrNull(record))
  yield* log.append(path, [{ at: yield* DateTime.now, level, message, tags }])
})

/** Trouble with what tells people of a failure must not hide it. */
const attempt = <A, R>(effect: Effect.Effect<A, { readonly message: string }, R>) =>
  Effect.catchAll(effect, ({ message }) => Effect.logWarning(`after a sync: ${message}`))

const gone = stopped("the directory is gone")

/** The gate, as it stands now: what was revoked or has run out since the job was queued counts. */
const passGate = Effect.fn("Sync.gate")(function* (job: SyncJob) {
  const gate = yield* SyncGate
  const { hasHome } = yield* SyncParts
  const standing = yield* gate.look(job.path).pipe(
    Effect.catchTags({
      RunNotFound: () =>
        Effect.flatMap(hasHome(job.equipmentId), (home) =>
          Effect.fail(home ? gone : homeAway(job.equipmentId)),
        ),
      DiskError: localTrouble,
    }),
  )
  if (!standing.blocked) return
  yield* attempt(setStatus(job, "blocked_by_validation"))
  const found = blocking(standing.findings)
  const reason =
    found.length === 0
      ? noRecord
      : `blocked by hard findings: ${rulesAndPlaces(found)}; mend or override them, then revalidate`
  return yield* new JobStopped({ reason, isBlocked: true })
})

const errandOf = Effect.fnUntraced(function* (job: SyncJob) {
  const { paths } = yield* Settings
  const transport = yield* transportOf(job.equipmentId)
  const places = placesOf(paths.localRoot, job)
  if (places === null) return yield* stopped("it lies outside of the local root by now")
  if (Option.isNone(transport)) return yield* stopped(`the settings have no transport for ${job.equipmentId}`)
  return { job, ...(yield* bindTarget(job.equipmentId, transport.value)), ...places } satisfies Errand
})

/** The record says already that it is synced, and it isn't. */
const unsettle = (job: SyncJob) => attempt(setStatus(job, "pending"))

const recordTrouble = ({ message }: { readonly message: string }) => stopped(message)

/** The record says `synced` here before it does there; a crash between begins again at the verification. */
const settle = Effect.fn("Sync.settle")(function* (
  errand: Errand,
  { bytes, files }: { readonly files: number; readonly bytes: number },
  extra: ReadonlyArray<string>,
) {
  const { final, incoming, job, transport } = errand
  if (extra.length > 0) yield* attempt(note(job, `only on the NAS, and left there: ${listed(extra)}`, "WARN"))
  yield* attempt(note(job, `synced: ${files} files, ${bytes} bytes, each read back from the target`))
  yield* Effect.mapError(setStatus(job, "synced"), (error) =>
    error._tag === "DiskError" ? localTrouble(error) : recordTrouble(error),
  )
  yield* Effect.tapError(sendLate(errand, final), () => unsettle(job))
  yield* attempt(transport.discard(incoming))
})

/** What people should know of a copy that is complete. */
const remarks = (skipped: ReadonlyArray<string>, extra: ReadonlyArray<string>): string =>
  [
    ...(skipped.length === 0 ? [] : [`${skipped.length} links or special files stay here only`]),
    ...(extra.length === 0 ? [] : [`${extra.length} files are on the NAS only: ${listed(extra)}`]),
  ].join("; ")

/**
 * Whoever changed the directory, or replaced its target, in the last moment before it was verified was told that its
 * job is under way: it begins anew.
 */
const lookOnceMore = (errand: Errand, reading: Reading) =>
  Effect.gen(function* () {
    const { path, equipmentId } = errand.job
    const isAsRead = yield* Effect.isSuccess(stillTheSame(errand, reading))
    if (isAsRead && (yield* isRemembered(equipmentId, errand.targetId))) return
    yield* enqueue(path)
  }).pipe(attempt)

/** From its claim to `verified`. Each step may be done again. */
const copy = Effect.fn("Sync.copy")(function* (claimed: Claim) {
  const queue = yield* SyncQueue
  const { tell } = yield* SyncParts
  const { job } = claimed
  yield* Effect.catchTags(restore(job), {
    DiskError: localTrouble,
    LockTimeout: recordTrouble,
    RecordUnreadable: recordTrouble,
    SchemaMajorMismatch: recordTrouble,
    NotRestored: ({ isPassing, reason }) =>
      isPassing ? new SyncFailure({ class: "transient", reason, files: [] }) : stopped(reason),
  })
  yield* passGate(job)
  const errand = yield* errandOf(job)
  const isFresh = job.state !== "awaiting_verify"
  const running = isFresh ? yield* queue.move(claimed, "running", { attempt: job.attempt + 1 }) : claimed
  yield* tell(running.job)
  const reading = yield* readHere(errand)
  yield* clearGathered(errand, reading)
  const facts = { files: reading.tree.files.length, bytes: bytesOf(reading.tree.files) }
  if (isFresh) yield* transfer(errand, reading)
  const arrived = isFresh ? yield* queue.move(running, "awaiting_verify", facts) : running
  yield* tell(arrived.job)
  yield* verifyThere(errand, reading)
  yield* writeChecksums(errand, reading)
  yield* stillTheSame(errand, reading)
  const extra = yield* publishThere(errand, reading, passGate(job))
  yield* stillTheSame(errand, reading)
  yield* settle(errand, facts, extra)
  yield* stillTheSame(errand, reading)
  yield* Effect.tapError(errand.stillThat, () => unsettle(job))
  const ledger = yield* SyncLedger
  const verifiedAt = yield* Clock.currentTimeMillis
  // What was verified of the directory as it was before proves nothing about this one.
  yield* ledger.forget(job.id)
  yield* ledger.record(job.id, (yield* twoClocks).latest, [...reading.files.values()])
  const verified = yield* queue.release(arrived, "verified", {
    ...facts,
    verifyPasses: 1,
    verifiedAt,
    reason: remarks(reading.tree.skipped, extra),
  })
  return { job: verified, afterwards: lookOnceMore(errand, reading) }
})

/** The claim with the job as it is by now. */
const asItIs = (claim: Claim) =>
  Effect.map(
    Effect.flatMap(SyncQueue, (queue) => queue.get(claim.job.id)),
    (job): Claim => ({ ...claim, job: Option.getOrElse(job, () => claim.job) }),
  )

const fail = Effect.fnUntraced(function* (begun: Claim, reason: string, isBlocked: boolean) {
  const queue = yield* SyncQueue
  const claim = yield* asItIs(begun)
  const { job } = claim
  // Who sees that the job has failed finds the record saying so, too.
  if (!isBlocked) yield* attempt(setStatus(job, "failed"))
  yield* attempt(note(job, `sync failed: ${reason}`, "ERROR"))
  return yield* queue.release(claim, "failed", { reason })
})

const ended = (job: SyncJob) => ({ job, afterwards: Effect.void })

/** What a failure leads to, by its class. */
const recoverFrom = Effect.fnUntraced(function* (begun: Claim, { class: failure, reason }: SyncFailure) {
  const queue = yield* SyncQueue
  const now = yield* Clock.currentTimeMillis
  const claim = yield* asItIs(begun)
  const current = claim.job
  // It may say already that it is synced: what changed since isn't.
  if (failure === "source_changed") yield* attempt(setStatus(current, "pending"))
  const next = afterFailure(failure, current.attempt, yield* Random.next)
  // A verification is done again, a transfer begun again.
  const back = current.state === "awaiting_verify" ? "awaiting_verify" : "queued"
  switch (next._tag) {
    case "GiveUp":
      return yield* fail(claim, reason, false)
    case "TryAgain": {
      const counted = next.countsAsAttempt ? current.attempt : Math.max(0, current.attempt - 1)
      const facts = { reason, notBefore: now + next.inMillis, attempt: counted }
      return yield* queue.release(claim, failure === "source_changed" ? "queued" : back, facts)
    }
    case "PauseTarget": {
      const { equipmentId } = claim.job
      yield* queue.pauseTarget({ equipmentId, reason, since: now, until: now + next.forMillis })
      const facts = { reason, notBefore: now + next.forMillis, attempt: Math.max(0, current.attempt - 1) }
      return yield* queue.release(claim, back, facts)
    }
  }
})

/** Holds on to the lease; fails when it is lost. */
const holdLease = (claim: Claim) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const { sync } = yield* Settings
    const every = Duration.millis((sync.leaseSeconds * 1000) / 3)
    // A queue that can't be reached for a moment isn't lost: the next try comes before the lease ends.
    const renewed = Effect.retry(queue.renew(claim), {
      while: (error) => error._tag === "QueueUnavailable",
      schedule: Schedule.spaced("1 second").pipe(Schedule.upTo(every)),
    })
    return yield* Effect.forever(Effect.delay(renewed, every))
  })

/** What broke in an unforeseen way once may do so again at once. Milliseconds. */
const pauseAfterDefect = 30_000

/** Somebody else has the job by now: there is nothing to give back. */
const isLost = (cause: Cause.Cause<unknown>): boolean =>
  Option.exists(Cause.failureOption(cause), (error) => error instanceof LeaseLost)

type Given = Effect.Effect.Context<ReturnType<typeof copy>>

/**
 * Does a claimed job to its end, or to where it has to wait. It always leaves the queue in order: an
 * interruption gives the job back.
 */
export const workOn = (claim: Claim): Effect.Effect<void, LeaseLost | QueueUnavailable, Given> =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const { forgetProgress, stoppable, tell } = yield* SyncParts
    const giveBack = (cause: Cause.Cause<unknown>) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const current = yield* asItIs(claim)
        const isVerifying = current.job.state === "awaiting_verify"
        const facts = Cause.isInterruptedOnly(cause)
          ? { reason: "interrupted" }
          : { reason: "an unexpected error: the service's log has it", notBefore: now + pauseAfterDefect }
        yield* queue.release(current, isVerifying ? "awaiting_verify" : "queued", facts)
      }).pipe(
        // It was given back already: the interruption came after its end.
        Effect.catchTag("LeaseLost", () => Effect.void),
        attempt,
        Effect.uninterruptible,
      )
    const { afterwards, job } = yield* copy(claim).pipe(
      Effect.catchTags({
        SyncFailure: (failure) => Effect.map(recoverFrom(claim, failure), ended),
        JobStopped: ({ isBlocked, reason }) => Effect.map(fail(claim, reason, isBlocked), ended),
      }),
      Effect.raceFirst(holdLease(claim)),
      (work) => stoppable(claim.job.id, work),
      Effect.flatMap(
        Option.match({
          onNone: () => new LeaseLost({ jobId: claim.job.id }),
          onSome: Effect.succeed,
        }),
      ),
      Effect.onExit((exit) =>
        Exit.isFailure(exit) && !isLost(exit.cause) ? giveBack(exit.cause) : Effect.void,
      ),
      Effect.ensuring(forgetProgress(claim.job.id)),
    )
    yield* tell(job)
    yield* afterwards
  }).pipe(
    Effect.withSpan("Sync.job", { attributes: { job: claim.job.id, equipment: claim.job.equipmentId } }),
  )
