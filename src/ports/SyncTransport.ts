import { Context, type Effect, type Option } from "effect"
import type { SyncFailure } from "../domain/SyncFailure.ts"

/** Files and folders to bring to the target, by relative paths with `/` between segments. */
export interface Parcel {
  /** Absolute; the folder that the paths are relative to. */
  readonly source: string
  readonly files: ReadonlyArray<{ readonly path: string; readonly size: number }>
  /** Folders that must be there, also when they are empty; parents come before their children. */
  readonly directories: ReadonlyArray<string>
  /** The place on the target that stands for `source`. Folders on the way are made. */
  readonly to: string
  /** Bytes a second; null: as fast as it goes. */
  readonly bytesPerSecond: number | null
}

/** How far a parcel is. Bytes of files that are there already count as done. */
export interface ParcelProgress {
  readonly bytes: number
  readonly files: number
  /** Relative; null where the tool doesn't say. */
  readonly currentFile: string | null
}

/** Something on the target, by its path relative to a place. What is no folder counts as a file, a link too. */
export interface TargetEntry {
  readonly path: string
  readonly isFolder: boolean
}

/**
 * How files get to one target and how they are read back from it. A place is a relative path below the
 * target's root, with `/` between segments: nothing outside the root is ever touched. Every method may be
 * interrupted at any time: the tools that work for it end with it, and it can be done again. Where the marker is
 * missing, `send`, `publish`, `remove` and `discard` change nothing: `target_away`. A failure is sorted by what is to be
 * done about it, see `SyncFailureClass`.
 */
export interface TargetTransport {
  /**
   * True when `publish` moves the very bytes, so that what was verified before is what is there afterwards.
   * False when it may copy them: they are verified once more.
   */
  readonly publishesByRename: boolean
  /** What the tools lack on this machine: `permanent`, with the remedy. */
  readonly check: Effect.Effect<void, SyncFailure>
  /** The id in the target's marker file `.exlab-target.json`; none when there is no marker. */
  readonly readMarker: Effect.Effect<Option.Option<string>, SyncFailure>
  /** Makes the root and writes the marker; what else is there stays as it is. */
  readonly writeMarker: (id: string) => Effect.Effect<void, SyncFailure>
  /**
   * Brings every file of a parcel. A file that is there with the same bytes may stay; any other is replaced,
   * under a temporary name first, so that its own name never stands for half a file. Modification times
   * and the owner's permissions come along where the target has them. Nothing that the parcel doesn't name
   * is removed or changed.
   */
  readonly send: (
    parcel: Parcel,
    report: (progress: ParcelProgress) => Effect.Effect<void>,
  ) => Effect.Effect<void, SyncFailure>
  /**
   * SHA-256, hexadecimal, of these files as the target's storage gives them back; those that aren't there,
   * or aren't files, are missing in the answer.
   */
  readonly digests: (
    place: string,
    paths: ReadonlyArray<string>,
  ) => Effect.Effect<ReadonlyMap<string, string>, SyncFailure>
  readonly exists: (place: string) => Effect.Effect<boolean, SyncFailure>
  /**
   * Everything below a folder, in no order, without what these names at its top hold; nothing when no folder is
   * there. No link is followed. Empty folders are left out where the target only knows files.
   */
  readonly list: (
    place: string,
    except: ReadonlyArray<string>,
  ) => Effect.Effect<ReadonlyArray<TargetEntry>, SyncFailure>
  /**
   * Moves a folder to where nothing is yet: in one rename where the target has one, otherwise file by file.
   * When something is at `to`, the folder's files are moved into it, each in one step, replacing those of
   * the same name, and what else is there stays; afterwards there is nothing at `from`. Doing it again after
   * it was interrupted finishes it; with nothing at `from`, it does nothing.
   */
  readonly publish: (from: string, to: string) => Effect.Effect<void, SyncFailure>
  /** Removes these files, and these folders with what is in them, from a place below `.exlab-incoming/`; absent is fine. */
  readonly remove: (place: string, entries: ReadonlyArray<TargetEntry>) => Effect.Effect<void, SyncFailure>
  /** Removes a folder below `.exlab-incoming/`; absent is fine. */
  readonly discard: (place: string) => Effect.Effect<void, SyncFailure>
}

/** The transport of each equipment's target, as the settings say. */
export class SyncTransport extends Context.Tag("exlab-wizard/SyncTransport")<
  SyncTransport,
  {
    /** None for an equipment that has no target. */
    readonly of: (equipmentId: string) => Option.Option<TargetTransport>
  }
>() {}
