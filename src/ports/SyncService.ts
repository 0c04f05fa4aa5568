import { Context, type Effect, type Stream } from "effect"
import type { DiskError, LockTimeout, RecordUnreadable, SchemaMajorMismatch } from "../domain/Errors.ts"
import type { JobNotFound, RunNotFound, SyncBlocked, SyncRefused } from "../domain/SyncErrors.ts"
import type { SyncFailure } from "../domain/SyncFailure.ts"
import type {
  SyncEvent,
  SyncJob,
  SyncJobChange,
  SyncJobState,
  SyncProgress,
  VerifyReport,
} from "../domain/SyncJob.ts"
import type { JobFilter, QueueUnavailable, TargetPause } from "./SyncQueue.ts"

type RecordError = DiskError | LockTimeout | RecordUnreadable | SchemaMajorMismatch

/** How the sync is. */
export interface SyncStanding {
  readonly counts: Readonly<Record<SyncJobState, number>>
  readonly pausedTargets: ReadonlyArray<TargetPause>
  /** When the oldest job was enqueued that nobody works on though it could be. Milliseconds since 1970. */
  readonly oldestUnclaimed: number | null
  /** What is missing on this machine or in the settings, one sentence each; as it was a minute ago at most. */
  readonly problems: ReadonlyArray<string>
  /** How long ago each worker last looked for work or made progress, whatever was done to the clock. Milliseconds. */
  readonly workersSilent: ReadonlyArray<number>
}

/** A target that was marked, or taken in the place of another. */
export interface MarkedTarget {
  readonly targetId: string
  /** Directories that were verified on the former target and are copied again. */
  readonly queuedAgain: number
  /** Directories that were cleaned up here: their data are on the former target only. */
  readonly leftBehind: number
}

/** The sync to the NAS, as people and programs steer it. `docs/sync.md` tells what it guarantees. */
export class SyncService extends Context.Tag("exlab-wizard/SyncService")<
  SyncService,
  {
    /**
     * Queues a project's own files or a run, after the gate: one that was synced before is brought up to
     * date. A live job is returned as it is.
     */
    readonly enqueue: (
      path: string,
    ) => Effect.Effect<SyncJob, RunNotFound | SyncBlocked | SyncRefused | RecordError | QueueUnavailable>
    readonly status: (path: string) => Effect.Effect<SyncJob, JobNotFound | QueueUnavailable>
    readonly job: (id: string) => Effect.Effect<SyncJob, JobNotFound | QueueUnavailable>
    readonly jobs: (filter: JobFilter) => Effect.Effect<ReadonlyArray<SyncJob>, QueueUnavailable>
    readonly history: (
      id: string,
    ) => Effect.Effect<ReadonlyArray<SyncJobChange>, JobNotFound | QueueUnavailable>
    /** How far each job is that is worked on right now, by its id. */
    readonly progress: Effect.Effect<ReadonlyMap<string, SyncProgress>>
    /** Begins a failed job anew, after the gate; one that waits for its time goes on at once. */
    readonly retry: (
      id: string,
    ) => Effect.Effect<SyncJob, JobNotFound | SyncBlocked | SyncRefused | RecordError | QueueUnavailable>
    /** Stops a job until it is resumed; what is under way ends first. */
    readonly pause: (id: string) => Effect.Effect<SyncJob, JobNotFound | SyncRefused | QueueUnavailable>
    readonly resume: (id: string) => Effect.Effect<SyncJob, JobNotFound | SyncRefused | QueueUnavailable>
    /** Compares a directory with its copy, byte for byte, and says what is wrong. Changes neither. */
    readonly verify: (
      path: string,
    ) => Effect.Effect<VerifyReport, RunNotFound | SyncRefused | SyncFailure | DiskError | QueueUnavailable>
    /**
     * Writes the marker of an equipment's target, or keeps the one that is there. One that isn't the one that is
     * remembered is refused, unless `replace` says that it takes its place.
     */
    readonly initTarget: (
      equipmentId: string,
      options?: { readonly replace: boolean },
    ) => Effect.Effect<MarkedTarget, SyncRefused | SyncFailure | QueueUnavailable>
    /** What happens from now on. A subscriber that is slow loses the oldest. */
    readonly events: Stream.Stream<SyncEvent>
    readonly standing: Effect.Effect<SyncStanding, QueueUnavailable>
  }
>() {}
