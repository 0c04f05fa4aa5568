import { Context, type Effect, type Option } from "effect"
import type { CreationRecord, FileEntry, FilesRecord, ReadmeFields } from "../domain/CreationRecord.ts"
import type { DiskError, LockTimeout, RecordUnreadable, SchemaMajorMismatch } from "../domain/Errors.ts"
import type { RecordChange } from "../domain/RecordChange.ts"
import type { StoredRecord } from "../domain/StoredRecord.ts"

export type RecordError = DiskError | RecordUnreadable | SchemaMajorMismatch

/**
 * The records in a directory's metadata folder, which is made when it isn't there. Paths are those of the
 * directory itself. See `docs/formats.md`.
 */
export class CreationWriter extends Context.Tag("exlab-wizard/CreationWriter")<
  CreationWriter,
  {
    /**
     * The first write, into a tree that nobody else sees yet and that is flushed as a whole before it is
     * published; so none of these waits for the disk. A second write replaces the first in one step.
     */
    readonly writeCreation: (directory: string, record: CreationRecord) => Effect.Effect<void, DiskError>
    /** Returns the SHA-256 of what it wrote, as does the next. */
    readonly writeReadmeFields: (directory: string, fields: ReadmeFields) => Effect.Effect<string, DiskError>
    readonly writeFiles: (directory: string, files: FilesRecord) => Effect.Effect<string, DiskError>
    /** The record with defaults for what older or sparing writers left out. */
    readonly read: (directory: string) => Effect.Effect<StoredRecord, RecordError>
    /** What `readme_fields.json` says; none when there is no such file. */
    readonly readReadmeFields: (directory: string) => Effect.Effect<Option.Option<ReadmeFields>, RecordError>
    /** What `files.json` says of the tree; nothing when there is no such file, as in directories of other tools. */
    readonly readFiles: (directory: string) => Effect.Effect<ReadonlyArray<FileEntry>, RecordError>
    /**
     * A read-modify-write under the record's lock: `change` sees the record as it is now. Concurrent
     * changes, in one process or several, all survive, and so does everything in the file that this service
     * doesn't know. Whoever reads meanwhile finds the old record or the new one. Durable when it returns.
     */
    readonly update: (
      directory: string,
      change: (record: StoredRecord) => RecordChange,
    ) => Effect.Effect<StoredRecord, RecordError | LockTimeout>
  }
>() {}
