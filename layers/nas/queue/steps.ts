import {
  isLive,
  type SyncJobChange,
  type SyncJobState,
  type SyncTarget,
} from "../../../src/domain/SyncJob.ts"
import type { Claim, JobFacts } from "../../../src/ports/SyncQueue.ts"
import { type Entry, isoTime } from "./Entry.ts"

/** What becomes of a job, and the row of history that goes with it: null when its state stays. */
export interface Step {
  readonly entry: Entry
  readonly change: SyncJobChange | null
}

const recorded = (from: SyncJobState | null, entry: Entry): SyncJobChange => ({
  at: isoTime(entry.changedAt),
  from,
  to: entry.state,
  reason: entry.reason,
  attempt: entry.attempt,
  files: entry.files,
  bytes: entry.bytes,
})

const free = { holder: null, leaseUntil: null } as const

/** Where work that was broken off begins again. */
const safePoint = (state: SyncJobState): SyncJobState => (state === "running" ? "queued" : state)

/** Where a person lets it go on after it stopped. What is still waited for isn't skipped by a pause, either. */
const pointAfter = (to: SyncJobState, { backTo, state }: Entry): SyncJobState | null => {
  if (to === "paused") return safePoint(state)
  if (to !== "failed") return null
  return (state === "paused" ? backTo : state) === "waiting_for_data" ? "waiting_for_data" : "queued"
}

const go = (entry: Entry, to: SyncJobState, now: number, facts: Partial<Entry>): Step => {
  const rest = "notBefore" in facts ? { ...facts, putOffAt: now } : facts
  if (to === entry.state) return { entry: { ...entry, ...rest }, change: null }
  const moved = {
    notBefore: null,
    reason: "",
    ...rest,
    state: to,
    changedAt: now,
    backTo: pointAfter(to, entry),
  }
  const after = { ...entry, ...moved }
  return { entry: after, change: recorded(entry.state, after) }
}

const anew = { attempt: 0, verifyPasses: 0, verifiedAt: null, notBefore: null, ...free } as const

/** What a new job is named and where it stands. */
export interface Birth {
  readonly id: string
  readonly seq: number
  readonly turn: number
}

/** The first entry of a job. */
export const begun = (
  { equipmentId, level, path }: SyncTarget & { readonly equipmentId: string },
  state: SyncJobState,
  reason: string,
  now: number,
  birth: Birth,
): Step => {
  const times = { enqueuedAt: now, changedAt: now }
  const size = { files: 0, bytes: 0 }
  const entry: Entry = {
    ...birth,
    path,
    level,
    equipmentId,
    state,
    reason,
    ...times,
    ...size,
    ...anew,
    putOffAt: null,
    fence: 0,
    backTo: null,
  }
  return { entry, change: recorded(null, entry) }
}

/** A job whose directory is enqueued again; null when that changes nothing. */
export const begunAgain = (
  entry: Entry,
  target: SyncTarget & { readonly equipmentId: string },
  state: SyncJobState,
  reason: string,
  now: number,
  turn: number,
): Step | null => {
  if (isLive(entry.state) || entry.state === "cleaned") return null
  const { equipmentId, level } = target
  return go(entry, state, now, { ...anew, equipmentId, level, reason, enqueuedAt: now, turn })
}

export const claimed = (entry: Entry, holder: string, leaseUntil: number): Step => ({
  entry: { ...entry, holder, leaseUntil, fence: entry.fence + 1 },
  change: null,
})

/** Whether a claim still holds its job. A lease that has run out counts until somebody frees the job. */
export const isHeldBy = (entry: Entry, { fence }: Claim): boolean =>
  entry.holder !== null && entry.fence === fence

export const moved = (entry: Entry, to: SyncJobState, facts: JobFacts, now: number): Step =>
  go(entry, to, now, facts)

export const released = ({ change, entry }: Step): Step => ({ change, entry: { ...entry, ...free } })

/** A job whose worker is gone. */
export const givenBack = (entry: Entry, reason: string, now: number): Step => {
  const to = safePoint(entry.state)
  return go(entry, to, now, to === entry.state ? free : { ...free, reason })
}

const waits = new Set<SyncJobState>(["waiting_for_data", "queued", "awaiting_verify"])

/** What a person's order makes of a job; null when it makes nothing. */
export const ordered = (
  entry: Entry,
  order: "pause" | "resume" | "retry",
  reason: string,
  now: number,
): Step | null => {
  const { backTo, notBefore, state } = entry
  if (order === "pause") {
    return isLive(state) && state !== "paused" ? go(entry, "paused", now, { ...free, reason }) : null
  }
  if (order === "resume") {
    return state === "paused" ? go(entry, backTo ?? "queued", now, { reason }) : null
  }
  if (state === "failed") return go(entry, backTo ?? "queued", now, { ...anew, reason })
  return waits.has(state) && notBefore !== null
    ? { entry: { ...entry, notBefore: null }, change: null }
    : null
}
