import { Context, type Effect } from "effect"
import type {
  CreationRecord,
  FilesRecord,
  ReadmeFields,
  ValidationOverride,
} from "../domain/CreationRecord.ts"
import type { DiskError, LockTimeout, RecordUnreadable, SchemaMajorMismatch } from "../domain/Errors.ts"
import type { SyncStatus } from "../domain/SyncJob.ts"

export type RecordError = DiskError | RecordUnreadable | SchemaMajorMismatch

/** The two fields that may change after the first write. */
export interface RecordChange {
  readonly syncStatus?: SyncStatus
  /** Appended; what is there stays. */
  readonly addOverrides?: ReadonlyArray<ValidationOverride>
}

/**
 * The records in a directory's metadata folder. Paths are those of the directory itself. Every write
 * leaves the old file or the new one, never a part. See `docs/formats.md`.
 */
export class CreationWriter extends Context.Tag("exlab-wizard/CreationWriter")<
  CreationWriter,
  {
    /** The first write, into a tree that nobody else sees yet; a second one replaces the first. */
    readonly writeCreation: (directory: string, record: CreationRecord) => Effect.Effect<void, DiskError>
    readonly writeReadmeFields: (directory: string, fields: ReadmeFields) => Effect.Effect<void, DiskError>
    readonly writeFiles: (directory: string, files: FilesRecord) => Effect.Effect<void, DiskError>
    /** The record with defaults for what older or sparing writers left out. */
    readonly read: (directory: string) => Effect.Effect<CreationRecord, RecordError>
    /**
     * A read-modify-write under the record's lock: `change` sees the record as it is now. Concurrent
     * changes, in one process or several, all survive, and so do fields that this service doesn't know.
     */
    readonly update: (
      directory: string,
      change: (record: CreationRecord) => RecordChange,
    ) => Effect.Effect<CreationRecord, RecordError | LockTimeout>
  }
>() {}
