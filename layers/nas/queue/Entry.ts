import { DateTime, Schema } from "effect"
import { type SyncJob, SyncJobState, SyncLevel } from "../../../src/domain/SyncJob.ts"
import { wireStruct } from "../../../src/domain/wire.ts"
import { StoredText } from "./storedText.ts"

/** What a date can be. */
const Millis = Schema.Int.pipe(Schema.between(-8.64e15, 8.64e15))

/** A job as the queue keeps it, and as it stands in a row. Times are milliseconds since 1970. */
export const Entry = wireStruct({
  /** In the order in which jobs were made; never changes. */
  seq: Schema.Int,
  id: Schema.String,
  path: StoredText,
  level: SyncLevel,
  equipmentId: Schema.String,
  state: SyncJobState,
  attempt: Schema.Int,
  enqueuedAt: Millis,
  changedAt: Millis,
  notBefore: Schema.NullOr(Millis),
  /** When that was said; the clock may have been set back since. */
  putOffAt: Schema.NullOr(Millis),
  reason: Schema.String,
  files: Schema.Int,
  bytes: Schema.Int,
  verifyPasses: Schema.Int,
  verifiedAt: Schema.NullOr(Millis),
  /** The least is the oldest: drawn anew whenever the job begins. */
  turn: Schema.Int,
  /** Claims so far. */
  fence: Schema.Int,
  /** The claim that holds it; null: free. */
  holder: Schema.NullOr(Schema.String),
  leaseUntil: Schema.NullOr(Millis),
  /** Where a paused or failed job goes on. */
  backTo: Schema.NullOr(SyncJobState),
})
export type Entry = typeof Entry.Type

export const isoTime = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))

const isoOrNull = (millis: number | null): string | null => (millis === null ? null : isoTime(millis))

/** What others see of it. */
export const toJob = (entry: Entry): SyncJob => ({
  id: entry.id,
  path: entry.path,
  level: entry.level,
  equipmentId: entry.equipmentId,
  state: entry.state,
  attempt: entry.attempt,
  enqueuedAt: isoTime(entry.enqueuedAt),
  changedAt: isoTime(entry.changedAt),
  notBefore: isoOrNull(entry.notBefore),
  reason: entry.reason,
  files: entry.files,
  bytes: entry.bytes,
  verifyPasses: entry.verifyPasses,
  verifiedAt: isoOrNull(entry.verifiedAt),
})
