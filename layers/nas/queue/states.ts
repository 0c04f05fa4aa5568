import type { SyncJobState } from "../../../src/domain/SyncJob.ts"

/** States in which a job waits for a worker. */
export const waitingStates: ReadonlyArray<SyncJobState> = ["waiting_for_data", "queued", "awaiting_verify"]

/** States that count for an equipment's limit, whatever a claim asks for. */
export const transferStates: ReadonlyArray<SyncJobState> = ["running", "awaiting_verify"]

export const noJobs: Readonly<Record<SyncJobState, number>> = {
  waiting_for_data: 0,
  queued: 0,
  running: 0,
  awaiting_verify: 0,
  verified: 0,
  cleanup_eligible: 0,
  cleaned: 0,
  failed: 0,
  paused: 0,
}
