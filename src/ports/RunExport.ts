import { Context, type Effect } from "effect"
import type { DestinationExists, DiskError, RecordUnreadable, SchemaMajorMismatch } from "../domain/Errors.ts"
import type { ExportFormat, ExportRefused, ExportReport, ExportSourceChanged } from "../domain/Export.ts"
import type { RunNotFound } from "../domain/SyncErrors.ts"

export interface ExportRequest {
  /** A project, for its own files, or a run: absolute, or below the local root. */
  readonly path: string
  readonly format: ExportFormat
  /** Absolute; nothing is there yet, but the folder that it is to be in. */
  readonly to: string
  /** A zip instead of a folder. */
  readonly zip: boolean
}

/** How far an export is: the file that is copied, its path in the run, and the files before it. */
export type ExportProgress = (current: number, total: number, path: string) => Effect.Effect<void>

export type ExportError =
  | RunNotFound
  | ExportRefused
  | ExportSourceChanged
  | DestinationExists
  | DiskError
  | RecordUnreadable
  | SchemaMajorMismatch

/** Exports of published directories in formats that others read. `docs/export.md` tells what is in them. */
export class RunExport extends Context.Tag("exlab-wizard/RunExport")<
  RunExport,
  {
    /**
     * Writes an export beside its place and renames it: it is there whole, and flushed, or not at all, also
     * when this is interrupted. Changes nothing in the directory, and writes into no directory that the service
     * manages. Links and special files aren't followed; the report names them. Tells now and then which of the files
     * it is at.
     */
    readonly write: (
      request: ExportRequest,
      progress?: ExportProgress,
    ) => Effect.Effect<ExportReport, ExportError>
  }
>() {}
