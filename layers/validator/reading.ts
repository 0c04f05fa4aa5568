import { Effect, Option } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import type { Finding, OffendingKind } from "../../src/domain/Finding.ts"
import type { DirectoryEntry, Disk } from "../../src/ports/Disk.ts"
import type { Inspection, Seen } from "../../src/ports/Validator.ts"
import { unreadableFinding } from "./findings.ts"

/** How a tree is read: what is done about what can't be. */
export interface TreeReader<E> {
  readonly list: (path: string, isTop: boolean) => Effect.Effect<ReadonlyArray<DirectoryEntry>, E>
  /** None when the file is larger than what is scanned. */
  readonly read: (path: string) => Effect.Effect<Option.Option<Uint8Array>, E>
}

type DiskService = typeof Disk.Service

/** A tree that nobody else touches: what can't be read fails the whole. */
export const strictReader = (disk: DiskService, maxBytes: number): TreeReader<DiskError> => ({
  list: (path, isTop) => disk.list(path, { isDirectory: !isTop }),
  read: (path) =>
    disk.readFile(path, { maxBytes }).pipe(
      Effect.asSome,
      Effect.catchIf(
        (error) => error.errno === "EFBIG",
        () => Effect.succeedNone,
      ),
    ),
})

const gone = new Set(["ENOENT", "ENOTDIR", "ELOOP"])

/** A tree that stands: notes what was seen, and what couldn't be read. */
export const inspectingReader = (disk: DiskService, maxBytes: number, runPath: string) => {
  const findings: Array<Finding> = []
  const directories: Array<Seen> = []
  const contents: Array<Seen> = []
  let changedMillis = 0
  const strict = strictReader(disk, maxBytes)

  const withoutFailing =
    (kind: OffendingKind) =>
    (error: DiskError): void => {
      if (gone.has(error.errno)) changedMillis = Infinity
      else findings.push(unreadableFinding(runPath, error, kind))
    }

  /** Looked at first, and read then: a change in between shows the next time. */
  const seen = <A>(
    path: string,
    into: Array<Seen>,
    kind: OffendingKind,
    otherwise: A,
    read: Effect.Effect<A, DiskError>,
  ): Effect.Effect<A> =>
    disk.lstat(path).pipe(
      Effect.flatMap((info) => {
        // What took its place isn't looked into: it may be a link.
        if (Option.isNone(info) || (info.value.type === "directory") !== (kind === "directory_segment")) {
          changedMillis = Infinity
          return Effect.succeed(otherwise)
        }
        into.push({ path, stamp: info.value.stamp })
        changedMillis = Math.max(changedMillis, info.value.changedMillis)
        return read
      }),
      Effect.catchAll((error) => {
        withoutFailing(kind)(error)
        return Effect.succeed(otherwise)
      }),
    )

  const reader: TreeReader<never> = {
    list: (path) =>
      seen<ReadonlyArray<DirectoryEntry>>(
        path,
        directories,
        "directory_segment",
        [],
        strict.list(path, false),
      ),
    read: (path) => seen(path, contents, "file_content", Option.none<Uint8Array>(), strict.read(path)),
  }
  return {
    reader,
    unread: findings,
    inspection: (found: ReadonlyArray<Finding>): Inspection => ({
      findings: found,
      directories,
      contents,
      changedMillis,
    }),
  }
}
