import { Context, type Effect, type Option, Schema, type Scope } from "effect"
import type { SyncJob, SyncJobChange, SyncJobState, SyncLevel, SyncTarget } from "../domain/SyncJob.ts"

/** The queue's file can't be used. Nothing that was acknowledged before is lost. */
export class QueueUnavailable extends Schema.TaggedError<QueueUnavailable>()("QueueUnavailable", {
  path: Schema.String,
  reason: Schema.String,
}) {
  readonly code = "io_error"
  override get message(): string {
    return `the sync queue ${this.path} can't be used: ${this.reason}`
  }
}

/** Somebody else holds the job by now, or a person has stopped it: whoever worked on it stops, too. */
export class LeaseLost extends Schema.TaggedError<LeaseLost>()("LeaseLost", { jobId: Schema.String }) {
  override get message(): string {
    return `job ${this.jobId} belongs to somebody else by now`
  }
}

/** A job that this process works on. `fence` grows with each claim: an older one changes nothing any more. */
export interface Claim {
  readonly job: SyncJob
  readonly fence: number
}

/** What changes about a job along with its state. What is left out stays. */
export interface JobFacts {
  /** Empty when it is left out of a change of state. */
  readonly reason?: string
  readonly attempt?: number
  /**
   * Milliseconds since 1970; null: at once. Null as well when it is left out of a change of state. When the clock is
   * set back to before it was put off, it is due at once.
   */
  readonly notBefore?: number | null
  readonly files?: number
  readonly bytes?: number
  readonly verifyPasses?: number
  readonly verifiedAt?: number | null
}

/** Which jobs a claim may take. */
export interface ClaimWish {
  readonly states: ReadonlyArray<SyncJobState>
  /**
   * At most so many claimed jobs of one equipment among `running`, `awaiting_verify` and those that this
   * wish takes; null: no limit, and it doesn't count.
   */
  readonly perEquipment: number | null
  /** Left out: projects and runs. */
  readonly level?: SyncLevel
  /** Equipment whose jobs are left alone. */
  readonly except: ReadonlyArray<string>
}

export interface JobFilter {
  readonly states?: ReadonlyArray<SyncJobState>
  readonly equipmentId?: string
  /** At most so many, oldest first; 1,000 when nothing is said. */
  readonly limit?: number
  /** Only those that come after this id in the order of the list. */
  readonly after?: string
}

/** A target that takes nothing for now. */
export interface TargetPause {
  readonly equipmentId: string
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly since: number
  readonly until: number
}

/** What became of an equipment's jobs when its target was replaced. */
export interface Replaced {
  /** Verified jobs that somebody held; none: it was done. */
  readonly held: number
  /** Those that were verified. */
  readonly verified: ReadonlyArray<SyncJob>
  readonly underWay: ReadonlyArray<SyncJob>
}

/**
 * The durable list of what is to be synced. Every change is one transaction, on stable storage when it
 * returns, together with a row of history; several processes may use one queue. Times come from the Clock.
 */
export class SyncQueue extends Context.Tag("exlab-wizard/SyncQueue")<
  SyncQueue,
  {
    /**
     * A live job of that path is returned as it is; one that has ended begins anew in `state`, with no
     * attempts and no verifications; a path without a job gets one. A `cleaned` one stays as it is.
     */
    readonly enqueue: (
      target: SyncTarget & { readonly equipmentId: string },
      state: "waiting_for_data" | "queued",
      reason: string,
    ) => Effect.Effect<SyncJob, QueueUnavailable>
    /**
     * Takes the oldest job that is wanted, due, and held by nobody, and leases it to the caller. Until the scope
     * closes, or the job is released, nobody else gets it, even when the lease is lost: whoever works on it has to
     * be done by then. A job that wasn't released is given back then, as `recover` does.
     */
    readonly claim: (wish: ClaimWish) => Effect.Effect<Option.Option<Claim>, QueueUnavailable, Scope.Scope>
    /** Takes one job in the same way, if it is in one of these states and held by nobody, due or not. */
    readonly claimJob: (
      id: string,
      states: ReadonlyArray<SyncJobState>,
    ) => Effect.Effect<Option.Option<Claim>, QueueUnavailable, Scope.Scope>
    /** Prolongs the lease. */
    readonly renew: (claim: Claim) => Effect.Effect<void, LeaseLost | QueueUnavailable>
    /** Changes state and facts and keeps the lease. To where no edge leads, it dies. */
    readonly move: (
      claim: Claim,
      to: SyncJobState,
      facts?: JobFacts,
    ) => Effect.Effect<Claim, LeaseLost | QueueUnavailable>
    /** The same, and gives the lease back. The same state again is no change of state, and no history. */
    readonly release: (
      claim: Claim,
      to: SyncJobState,
      facts?: JobFacts,
    ) => Effect.Effect<SyncJob, LeaseLost | QueueUnavailable>
    /**
     * What a person asks for; whoever holds the job loses it. `pause` stops a live job. `resume` takes a paused
     * one back to where it was. `retry` begins anew what failed, and lets what waits for its time go on at once, its reason kept.
     * The job as it is otherwise.
     */
    readonly intervene: (
      id: string,
      order: "pause" | "resume" | "retry",
      reason: string,
    ) => Effect.Effect<Option.Option<{ readonly job: SyncJob; readonly done: boolean }>, QueueUnavailable>
    readonly get: (id: string) => Effect.Effect<Option.Option<SyncJob>, QueueUnavailable>
    readonly find: (path: string) => Effect.Effect<Option.Option<SyncJob>, QueueUnavailable>
    readonly list: (filter: JobFilter) => Effect.Effect<ReadonlyArray<SyncJob>, QueueUnavailable>
    /** Oldest first. */
    readonly history: (id: string) => Effect.Effect<ReadonlyArray<SyncJobChange>, QueueUnavailable>
    readonly counts: Effect.Effect<Readonly<Record<SyncJobState, number>>, QueueUnavailable>
    /** When the oldest job was enqueued that could be claimed and isn't. Milliseconds since 1970. */
    readonly oldestUnclaimed: Effect.Effect<Option.Option<number>, QueueUnavailable>
    /** Puts off all jobs of an equipment. A later call replaces an earlier one. */
    readonly pauseTarget: (pause: TargetPause) => Effect.Effect<void, QueueUnavailable>
    readonly resumeTarget: (equipmentId: string) => Effect.Effect<void, QueueUnavailable>
    readonly pausedTargets: Effect.Effect<ReadonlyArray<TargetPause>, QueueUnavailable>
    /** The id of an equipment's target as it was seen first; none before. */
    readonly targetId: (equipmentId: string) => Effect.Effect<Option.Option<string>, QueueUnavailable>
    readonly rememberTarget: (equipmentId: string, id: string) => Effect.Effect<void, QueueUnavailable>
    /**
     * Remembers another target and has all that the former one has, or is being given, begin anew as `queued`, in one
     * step. Whoever works on the latter loses it. While somebody holds a verified job nothing is changed.
     */
    readonly replaceTarget: (
      equipmentId: string,
      id: string,
      reason: string,
    ) => Effect.Effect<Replaced, QueueUnavailable>
    /**
     * Frees jobs whose holders are gone, or have let their lease run out: `running` goes back to `queued`, every
     * other state stays. Returns how many. For every start, and from time to time.
     */
    readonly recover: Effect.Effect<number, QueueUnavailable>
    /**
     * Returns when a job may have become claimable since this fiber last claimed or waited, in this process or,
     * polled, in another.
     */
    readonly awaitWork: Effect.Effect<void>
  }
>() {}
