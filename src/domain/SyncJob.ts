import { Schema } from "effect"

/** How far a directory's copy on the NAS is, as `creation.json` says it. */
export const SyncStatus = Schema.Literal("pending", "synced", "failed", "blocked_by_validation", "cleaned")
export type SyncStatus = typeof SyncStatus.Type

/** What is handed to the sync: a published directory, and whether it is a project's own files or a run. */
export interface SyncTarget {
  readonly path: string
  readonly level: "project" | "run"
}
