import { Schema } from "effect"
import { wireStruct } from "./wire.ts"

/** How far a directory's copy on the NAS is, as `creation.json` says it. */
export const SyncStatus = Schema.Literal("pending", "synced", "failed", "blocked_by_validation", "cleaned")
export type SyncStatus = typeof SyncStatus.Type

export const SyncLevel = Schema.Literal("project", "run")
export type SyncLevel = typeof SyncLevel.Type

/** What is handed to the sync: a published directory, and whether it is a project's own files or a run. */
export interface SyncTarget {
  readonly path: string
  readonly level: SyncLevel
}

/** The states of a sync job. `docs/sync.md` tells what each means. */
export const SyncJobState = Schema.Literal(
  "waiting_for_data",
  "queued",
  "running",
  "awaiting_verify",
  "verified",
  "cleanup_eligible",
  "cleaned",
  "failed",
  "paused",
)
export type SyncJobState = typeof SyncJobState.Type

/**
 * Where a job may go by its own work or by a person. Besides: a crash puts `running` back to `queued`, a
 * directory that was changed after it was verified goes back to the beginning, and so does one that failed, or whose
 * copy was lost before its data were removed for good here.
 */
export const syncEdges: Readonly<Record<SyncJobState, ReadonlyArray<SyncJobState>>> = {
  waiting_for_data: ["queued", "failed", "paused"],
  queued: ["waiting_for_data", "running", "failed", "paused"],
  running: ["queued", "waiting_for_data", "awaiting_verify", "failed", "paused"],
  awaiting_verify: ["queued", "verified", "failed", "paused"],
  verified: ["waiting_for_data", "queued", "cleanup_eligible", "failed"],
  cleanup_eligible: ["waiting_for_data", "queued", "verified", "cleaned", "failed"],
  cleaned: ["queued"],
  failed: ["waiting_for_data", "queued"],
  paused: ["waiting_for_data", "queued", "awaiting_verify", "failed"],
}

/** Whether a job is on its way: such a one is not begun a second time. */
export const isLive = (state: SyncJobState): boolean =>
  state === "waiting_for_data" ||
  state === "queued" ||
  state === "running" ||
  state === "awaiting_verify" ||
  state === "paused"

/** One directory on its way to the NAS. There is one job for each path, from its first day to its last. */
export const SyncJob = wireStruct({
  id: Schema.String,
  /** Absolute, here. */
  path: Schema.String,
  level: SyncLevel,
  equipmentId: Schema.String,
  state: SyncJobState,
  /** Tries since it was last queued by somebody; 0 before the first. */
  attempt: Schema.Int,
  /** ISO-8601, UTC. */
  enqueuedAt: Schema.String,
  /** When its state changed last. */
  changedAt: Schema.String,
  /** When it is looked at again at the earliest; null: as soon as there is room. */
  notBefore: Schema.NullOr(Schema.String),
  /** Why it is in its state, for people; empty when there is nothing to say. */
  reason: Schema.String,
  /** What the last listing found. */
  files: Schema.Int,
  bytes: Schema.Int,
  /** Verifications of the directory as it is, each by itself; 0 again after a change. */
  verifyPasses: Schema.Int,
  verifiedAt: Schema.NullOr(Schema.String),
})
export type SyncJob = typeof SyncJob.Type

/** One step in a job's life. */
export const SyncJobChange = wireStruct({
  at: Schema.String,
  /** Null for the first. */
  from: Schema.NullOr(SyncJobState),
  to: SyncJobState,
  reason: Schema.String,
  attempt: Schema.Int,
  files: Schema.Int,
  bytes: Schema.Int,
})
export type SyncJobChange = typeof SyncJobChange.Type

/** How far a transfer is. Bytes and files of what is transferred, not of the whole directory. */
export const SyncProgress = wireStruct({
  step: Schema.Literal("hashing", "transferring", "verifying"),
  bytes: Schema.Int,
  bytesTotal: Schema.Int,
  files: Schema.Int,
  filesTotal: Schema.Int,
  /** Relative; null where the tool doesn't say. */
  currentFile: Schema.NullOr(Schema.String),
  etaSeconds: Schema.NullOr(Schema.Number),
})
export type SyncProgress = typeof SyncProgress.Type

/** What is told of jobs while they go on. */
export const SyncEvent = Schema.Union(
  wireStruct({ kind: Schema.Literal("job"), job: SyncJob }),
  wireStruct({ kind: Schema.Literal("progress"), jobId: Schema.String, progress: SyncProgress }),
)
export type SyncEvent = typeof SyncEvent.Type

/** What a comparison of a directory here with its copy there found. Paths are relative. */
export const VerifyReport = wireStruct({
  path: Schema.String,
  /** True when every file is there with the same bytes. */
  ok: Schema.Boolean,
  /** What to do when it isn't. */
  remedy: Schema.NullOr(Schema.String),
  /** All that were compared, by name. */
  files: Schema.Int,
  /** Of what was read here; of a run that was cleaned up what was removed, 0 when nobody knows. */
  bytes: Schema.Int,
  /** Not there at all. */
  missing: Schema.Array(Schema.String),
  /** There, with other bytes. */
  different: Schema.Array(Schema.String),
  /** Changed here while it was looked at. */
  unstable: Schema.Array(Schema.String),
  /** Links and special files: they aren't copied, and keep a directory from being cleaned up. */
  skipped: Schema.Array(Schema.String),
  /** Only there: files that were removed here, or that somebody else has put there. They stay there. */
  extra: Schema.Array(Schema.String),
})
export type VerifyReport = typeof VerifyReport.Type
