import type { Effect } from "effect"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import type { Proof } from "./Proof.ts"

/** What a clean-up has to know of a target before it takes anything away here. */
export interface TargetLooks<R> {
  /** Fails when a job's target isn't there. */
  readonly target: (job: SyncJob) => Effect.Effect<void, SyncFailure, R>
  /** Reads back whether what was verified is on the target right now. */
  readonly isThere: (job: SyncJob, files: Proof["files"]) => Effect.Effect<boolean, SyncFailure, R>
}
