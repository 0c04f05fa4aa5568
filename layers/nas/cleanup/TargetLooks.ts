import type { Effect } from "effect"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import type { VerifiedFile } from "../../../src/ports/SyncLedger.ts"

/** What a clean-up has to know of a target before it takes anything away here. */
export interface TargetLooks<R> {
  /** Fails when a job's target isn't there. */
  readonly target: (job: SyncJob) => Effect.Effect<void, SyncFailure, R>
  /** Reads back whether these files are on the target right now, byte for byte. */
  readonly isThere: (
    job: SyncJob,
    files: ReadonlyMap<string, Pick<VerifiedFile, "sha256">>,
  ) => Effect.Effect<boolean, SyncFailure, R>
}
