import type { Effect, Option } from "effect"
import type { SyncJobChange, SyncJobState } from "../../../src/domain/SyncJob.ts"
import type { ClaimWish, JobFilter, QueueUnavailable, TargetPause } from "../../../src/ports/SyncQueue.ts"
import type { Birth, Step } from "./steps.ts"
import type { Entry } from "./Entry.ts"

type Access<A> = Effect.Effect<A, QueueUnavailable>

export type Key = { readonly id: string } | { readonly path: string }

/** Jobs that nobody holds by a lease that still runs. */
export type Selection =
  | {
      readonly _tag: "Wanted"
      readonly wish: ClaimWish
      /** Ids that are left out. */
      readonly tried: ReadonlyArray<string>
    }
  | { readonly _tag: "Named"; readonly id: string; readonly states: ReadonlyArray<SyncJobState> }

export interface Decision<A> {
  readonly result: A
  /** What is written; nothing changes without. */
  readonly step: Step | null
}

/** Where jobs are kept. Every operation is atomic, and durable where the table is. */
export interface JobTable {
  /** `next`: what a job that is made now gets, but for its id. */
  readonly decide: <A>(
    key: Key,
    decide: (entry: Option.Option<Entry>, next: Omit<Birth, "id">) => Decision<A>,
  ) => Access<A>
  /** The oldest of a selection. */
  readonly pick: (selection: Selection, now: number) => Access<Option.Option<string>>
  /** Does something with one of a selection, if it still belongs to that. */
  readonly take: (
    selection: Selection,
    id: string,
    now: number,
    step: (entry: Entry) => Step,
  ) => Access<Option.Option<Entry>>
  readonly find: (key: Key) => Access<Option.Option<Entry>>
  readonly list: (filter: JobFilter) => Access<ReadonlyArray<Entry>>
  readonly held: Access<ReadonlyArray<Entry>>
  readonly history: (id: string) => Access<ReadonlyArray<SyncJobChange>>
  readonly counts: Access<Readonly<Record<SyncJobState, number>>>
  readonly oldestUnclaimed: (now: number) => Access<Option.Option<number>>
  /** The first moment after this one at which time alone may let a job be claimed. */
  readonly nextDue: (after: number) => Access<Option.Option<number>>
  /** Another number whenever another process has changed something. */
  readonly foreignChanges: Access<number>
  readonly pauseTarget: (pause: TargetPause) => Access<void>
  readonly resumeTarget: (equipmentId: string) => Access<void>
  readonly pausedTargets: Access<ReadonlyArray<TargetPause>>
  readonly targetId: (equipmentId: string) => Access<Option.Option<string>>
  readonly rememberTarget: (equipmentId: string, id: string) => Access<void>
  /** Remembers a target together with what it makes of the equipment's jobs in these states; without steps, neither. */
  readonly replaceTarget: <A>(
    target: { readonly equipmentId: string; readonly id: string },
    states: ReadonlyArray<SyncJobState>,
    decide: (entries: ReadonlyArray<Entry>) => {
      readonly result: A
      readonly steps: ReadonlyArray<Step> | null
    },
  ) => Access<A>
}
