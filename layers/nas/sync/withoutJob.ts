import { Clock, Effect } from "effect"
import type { Destination } from "../../../src/domain/Destination.ts"
import { SyncRefused } from "../../../src/domain/SyncErrors.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { isoTime } from "../queue/Entry.ts"

const words: Readonly<Record<string, string>> = {
  pending: "it is pending and isn't queued for the NAS: enqueue it",
  failed: "its copy has failed, and no job is about it any more: enqueue it",
  blocked_by_validation:
    "it is blocked_by_validation, and isn't queued for the NAS: mend or override its hard findings, then revalidate",
  synced: "it is synced, and no job is about it any more: verify compares it with its copy",
  cleaned: "it is cleaned, and no job is about it any more: verify compares its copy with its checksums",
}

const statusOf = Effect.fnUntraced(function* (path: string) {
  const writer = yield* CreationWriter
  const { syncStatus } = yield* Effect.mapError(
    writer.read(path),
    ({ message }) =>
      new SyncRefused({ path, reason: `no job is about it, and its record says nothing: ${message}` }),
  )
  const reason = words[syncStatus] ?? `it is ${syncStatus}, and isn't queued for the NAS`
  return { syncStatus, refusal: new SyncRefused({ path, reason }) }
})

/** How a directory stands that no job is about, and what to do. */
export const standsWithoutJob = (path: string) => Effect.map(statusOf(path), ({ refusal }) => refusal.reason)

/** What a comparison takes for the job of a directory that no job is about any more: the queue was lost. */
export const withoutJob = Effect.fnUntraced(function* ({ equipmentId, level, path }: Destination) {
  const { refusal, syncStatus } = yield* statusOf(path)
  if (syncStatus !== "synced" && syncStatus !== "cleaned") return yield* refusal
  const now = isoTime(yield* Clock.currentTimeMillis)
  return {
    id: path,
    path,
    level,
    equipmentId,
    state: syncStatus === "cleaned" ? "cleaned" : "verified",
    attempt: 0,
    enqueuedAt: now,
    changedAt: now,
    notBefore: null,
    reason: "",
    files: 0,
    bytes: 0,
    verifyPasses: 0,
    verifiedAt: null,
  } satisfies SyncJob
})
