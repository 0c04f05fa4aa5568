import { Context, type Duration, type Effect, type Option, type Scope } from "effect"
import type { DestinationExists, DiskError, LockTimeout } from "../domain/Errors.ts"

export type FileType = "file" | "directory" | "symlink" | "other"

export interface FileInfo {
  readonly type: FileType
  /** Bytes. */
  readonly size: number
  /** Permission bits, e.g. 0o644. */
  readonly mode: number
  /** Device and inode: two infos with the same identity are the same file. */
  readonly identity: string
  /**
   * Changes whenever the file at a path does: inode, size, and modification and change times in nanoseconds. The same
   * after a restart, and where its volume is mounted anew.
   */
  readonly stamp: string
  readonly modifiedMillis: number
  /** When content, mode, name or owner changed last. Unlike the modification time, nobody can set it. */
  readonly changedMillis: number
  /** Names that lead to it; more than one for a file that has hard links. */
  readonly links: number
}

export interface DirectoryEntry {
  readonly name: string
  readonly type: FileType
}

/**
 * The file operations that adapters use. Each is one short step that an interruption doesn't split: it
 * falls between two of them. Paths are absolute; a name that isn't UTF-8 has U+DC80–U+DCFF for its stray
 * bytes, and a path that can't be one fails with `EINVAL` or `EILSEQ`. Nothing here follows a symlink in the
 * last segment but `realPath`, `freeBytes` and `makeDirectories`. Whoever wraps this service sees every
 * operation that the service does on files.
 */
export class Disk extends Context.Tag("exlab-wizard/Disk")<
  Disk,
  {
    /** None when nothing is there; a dangling link is something. */
    readonly lstat: (path: string) => Effect.Effect<Option.Option<FileInfo>, DiskError>
    /**
     * The stamps of several paths, in their order; null where nothing is. For those who only want to know
     * whether anything has changed.
     */
    readonly stamps: (paths: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string | null>, DiskError>
    /** The path with every link resolved; `ENOENT` when it leads nowhere. */
    readonly realPath: (path: string) => Effect.Effect<string, DiskError>
    /**
     * Entries sorted by name; `ENOTDIR` for a link. With `isDirectory`, for what was just seen to be one, it isn't
     * looked at again.
     */
    readonly list: (
      path: string,
      options?: { readonly isDirectory?: boolean },
    ) => Effect.Effect<ReadonlyArray<DirectoryEntry>, DiskError>
    /** What a link says, resolved or checked in no way; `EINVAL` when there is no link. Stray bytes as in names. */
    readonly readLink: (path: string) => Effect.Effect<string, DiskError>
    /** The whole file; `EFBIG` past `maxBytes`, before anything is read. */
    readonly readFile: (
      path: string,
      options?: { readonly maxBytes?: number },
    ) => Effect.Effect<Uint8Array, DiskError>
    /** A piece of a file's content; less than `length` where the file ends. */
    readonly readPiece: (
      path: string,
      piece: { readonly offset: number; readonly length: number },
    ) => Effect.Effect<Uint8Array, DiskError>
    /**
     * SHA-256 of the content, hexadecimal, in bounded memory. With `fromStorage` the system is asked to forget
     * what it remembers of the file first, so that it is read from where it lies; it needn't obey. Of a large file,
     * `onRead` hears of every read: its bytes.
     */
    readonly hashFile: (
      path: string,
      options?: {
        readonly fromStorage?: boolean
        readonly onRead?: (bytes: number) => Effect.Effect<void>
      },
    ) => Effect.Effect<string, DiskError>
    /** `EEXIST` when something is there. Mode 0755 less the umask. */
    readonly makeDirectory: (path: string) => Effect.Effect<void, DiskError>
    /** With its parents; returns the outermost directory that it had to make. */
    readonly makeDirectories: (path: string) => Effect.Effect<Option.Option<string>, DiskError>
    /** A new file with this content; `EEXIST` when something is there. Mode 0644 less the umask. */
    readonly createFile: (
      path: string,
      content: string | Uint8Array,
      options?: { readonly mode?: number; readonly flush?: boolean },
    ) => Effect.Effect<void, DiskError>
    /**
     * A new file with the content and the permission bits of another, copy-on-write where the file system
     * has it; `EEXIST` when something is there.
     */
    readonly copyFile: (from: string, to: string) => Effect.Effect<void, DiskError>
    /**
     * Copies a piece of a file to the same place in another one that ends there; returns its bytes, less than
     * `length` where the file ends. A piece of zeros becomes a hole.
     */
    readonly copyPiece: (
      from: string,
      to: string,
      piece: { readonly offset: number; readonly length: number },
    ) => Effect.Effect<number, DiskError>
    /** Sets when a file or a directory was modified, in milliseconds since 1970; of a link, the link's own. */
    readonly setModified: (path: string, millis: number) => Effect.Effect<void, DiskError>
    /** A new symlink that says `target`; `EEXIST` when something is there. */
    readonly makeLink: (target: string, path: string) => Effect.Effect<void, DiskError>
    /** Sets the permission bits of a file or a directory; `ELOOP` for a link. */
    readonly setMode: (path: string, mode: number) => Effect.Effect<void, DiskError>
    /** Adds to the end of a file, in one write; makes it when it isn't there. */
    readonly append: (path: string, content: string | Uint8Array) => Effect.Effect<void, DiskError>
    /** Waits until a file's content, or a directory's entries, are on stable storage. Links and special files: nothing to do. */
    readonly flush: (path: string) => Effect.Effect<void, DiskError>
    /** Replaces a file or an empty directory at `to`, as `rename(2)` does. */
    readonly rename: (from: string, to: string) => Effect.Effect<void, DiskError>
    /**
     * Renames only when nothing is at `to`, in one step where the system has one (`RENAME_NOREPLACE`);
     * elsewhere `to` is looked at directly before.
     */
    readonly renameNew: (from: string, to: string) => Effect.Effect<void, DiskError | DestinationExists>
    /** A file or a link; absent is fine. */
    readonly removeFile: (path: string) => Effect.Effect<void, DiskError>
    /** An empty directory; absent is fine. */
    readonly removeDirectory: (path: string) => Effect.Effect<void, DiskError>
    /** Bytes that this process may still write on the path's volume. */
    readonly freeBytes: (path: string) => Effect.Effect<number, DiskError>
    /**
     * An exclusive advisory `flock(2)` on a file, made when it isn't there, held until the scope closes.
     * After locking it is checked that the path still names the locked file. A killed holder frees it.
     */
    readonly lock: (
      path: string,
      timeout: Duration.DurationInput,
    ) => Effect.Effect<void, DiskError | LockTimeout, Scope.Scope>
    /** The same without waiting, on a file that exists; false when it is held or isn't there. */
    readonly tryLock: (path: string) => Effect.Effect<boolean, DiskError, Scope.Scope>
  }
>() {}
