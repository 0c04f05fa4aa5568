import type { Effect } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import type { ExportSourceChanged } from "../../src/domain/Export.ts"
import type { Disk, FileInfo } from "../../src/ports/Disk.ts"

/** A file that is to be exported. */
export interface Source {
  /** Absolute. */
  readonly from: string
  /** Where it goes, relative to the export. */
  readonly to: string
}

/** What an export is written to. Paths are relative to the export; parents come before what is in them. */
export interface Target {
  /** Files that may be added at the same time. */
  readonly parallel: boolean
  readonly addDirectory: (path: string) => Effect.Effect<void, DiskError, Disk>
  /** Copies a file as it is now, `info`, and returns the SHA-256 of the copy. */
  readonly addFile: (
    source: Source,
    info: FileInfo,
  ) => Effect.Effect<string, DiskError | ExportSourceChanged, Disk>
  /** A new file with this text. */
  readonly addText: (path: string, text: string) => Effect.Effect<void, DiskError, Disk>
}
