import { Effect, Option } from "effect"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { blocking } from "../../../src/domain/blocking.ts"
import type { Destination } from "../../../src/domain/Destination.ts"
import { SyncGate, type Standing } from "../../../src/audit/SyncGate.ts"
import { SyncBlocked, SyncRefused } from "../../../src/domain/SyncErrors.ts"
import { isMetadata } from "../../../src/domain/PublishedTree.ts"
import { isLive, type SyncJob, type SyncStatus } from "../../../src/domain/SyncJob.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { cameLate, whereItsDataAre } from "./cleanedUp.ts"
import { listTree } from "./localTree.ts"
import { noRecord } from "./stops.ts"
import { SyncParts } from "./SyncParts.ts"

/** Puts a directory that may go into the queue: to be copied at once, or when its data are there. */
export const queueUp = Effect.fn("Sync.queueUp")(function* (
  { equipmentId, level, path }: Destination,
  reason: string,
) {
  const queue = yield* SyncQueue
  const { equipment, tell } = yield* SyncParts
  const waits =
    level === "run" && Option.exists(equipment(equipmentId), ({ syncWhen }) => syncWhen === "complete")
  const job = yield* queue.enqueue(
    { path, level, equipmentId },
    waits ? "waiting_for_data" : "queued",
    reason,
  )
  yield* tell(job)
  return job
})

/** Why an equipment's directories can't be copied; null when they can. */
export const obstacle = (equipmentId: string) =>
  Effect.gen(function* () {
    const { equipment, sync } = yield* Settings
    if (!sync.enabled) return "the settings have switched the sync off: `sync.enabled`"
    const found = equipment.find(({ id }) => id === equipmentId)
    if (found === undefined) return `the settings know no equipment ${equipmentId}`
    return found.transport === undefined
      ? `equipment ${equipmentId} has no NAS in the settings: set its \`transport\``
      : null
  })

/** Whether a directory is as its last verification found it; one of which nobody knows isn't. */
const isAsVerified = Effect.fnUntraced(function* ({ level, path }: Destination, job: Option.Option<SyncJob>) {
  if (Option.isNone(job)) return false
  const ledger = yield* SyncLedger
  const stamps = new Map((yield* ledger.files(job.value.id)).map((file) => [file.path, file.stamp]))
  const { files } = yield* listTree(path, level)
  return (
    files.length > 0 &&
    files.length === stamps.size &&
    files.every((file) => stamps.get(file.path) === file.stamp)
  )
})

/** A worker that has done all of it meanwhile has the last word. */
const sayPending = Effect.fnUntraced(function* ({ id, path }: SyncJob, before: string) {
  const queue = yield* SyncQueue
  const writer = yield* CreationWriter
  const say = (from: string, syncStatus: SyncStatus) =>
    writer.update(path, (record) => (record.syncStatus === from ? { syncStatus } : {}))
  yield* say(before, "pending")
  if (Option.exists(yield* queue.get(id), ({ state }) => state === "verified"))
    yield* say("pending", "synced")
})

/** What is synced stays so: the finding is reported as one under a prior policy. What has changed since isn't. */
const refuseBlocked = Effect.fnUntraced(function* (
  { destination, findings, record }: Standing,
  job: Option.Option<SyncJob>,
) {
  const writer = yield* CreationWriter
  const { path } = destination
  const status = Option.getOrNull(Option.map(record, ({ syncStatus }) => syncStatus))
  const wasSynced = status === "synced" && (yield* isAsVerified(destination, job))
  if (status !== null && !wasSynced && status !== "blocked_by_validation") {
    yield* writer.update(path, () => ({ syncStatus: "blocked_by_validation" }))
  }
  const found = blocking(findings)
  if (found.length === 0) return yield* new SyncRefused({ path, reason: noRecord })
  return yield* new SyncBlocked({ path, findings: found, wasSynced })
})

/**
 * Refuses to begin a failed job anew that the gate would stop at once. One that can't be looked at, or whose data
 * come back from the trash first, is left to its worker, which says so.
 */
export const refuseToRetry = Effect.fn("Sync.refuseToRetry")(function* (job: SyncJob) {
  if (job.state !== "failed") return
  const gate = yield* SyncGate
  const ledger = yield* SyncLedger
  if (Option.isSome(yield* ledger.cleanup(job.id))) return
  const standing = yield* Effect.option(gate.look(job.path))
  if (Option.isSome(standing) && standing.value.blocked) {
    return yield* refuseBlocked(standing.value, Option.some(job))
  }
})

/** Queues a directory that a person or a program names, if nothing keeps it here. */
export const enqueue = Effect.fn("Sync.enqueue")(function* (path: string) {
  const gate = yield* SyncGate
  const queue = yield* SyncQueue
  const standing = yield* gate.look(path)
  const { destination, record } = standing
  const refusal = yield* obstacle(destination.equipmentId)
  if (refusal !== null) return yield* new SyncRefused({ path: destination.path, reason: refusal })
  const before = yield* queue.find(destination.path)
  if (Option.exists(before, ({ state }) => isLive(state))) return Option.getOrThrow(before)
  const status = Option.getOrElse(
    Option.map(record, ({ syncStatus }) => syncStatus),
    () => "pending",
  )
  if (status === "cleaned" || Option.exists(before, ({ state }) => state === "cleaned")) {
    const { files } = yield* listTree(destination.path, destination.level)
    const came = files.map((file) => file.path).filter((file) => !isMetadata(file))
    const where = yield* whereItsDataAre(
      Option.getOrElse(before, () => ({ id: destination.path, path: destination.path })),
    )
    const late = came.length === 0 ? "" : `. ${cameLate(came)}`
    const reason = `it was cleaned up after it was verified: ${where}${late}`
    return yield* new SyncRefused({ path: destination.path, reason })
  }
  if (standing.blocked) return yield* refuseBlocked(standing, before)
  const job = yield* queueUp(destination, "")
  // It may have been cleaned up since it was looked at: its record says so, and goes on saying it.
  if (!isLive(job.state)) {
    const reason = `it is ${job.state} by now: somebody else was quicker`
    return yield* new SyncRefused({ path: destination.path, reason })
  }
  if (status !== "pending") yield* sayPending(job, status)
  return job
})
