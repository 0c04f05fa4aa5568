import { Effect, Option } from "effect"
import type { FileEntry, ReadmeFields } from "../domain/CreationRecord.ts"
import { type Destination, joinPath, metadataFolder } from "../domain/Destination.ts"
import type { Finding } from "../domain/Finding.ts"
import type { StoredRecord } from "../domain/StoredRecord.ts"
import type { CreationWriter, RecordError } from "../ports/CreationWriter.ts"
import type { Disk } from "../ports/Disk.ts"
import { noMetadataFolder, orphan, recordAt, unreadableRecord } from "./findings.ts"

/** A record, whether it is there or not. */
export interface SeenRecord {
  /** Absolute. */
  readonly path: string
  /** As `Disk` gives it; null when nothing is there. */
  readonly stamp: string | null
}

/** What a directory says about itself. */
export interface Records {
  /** None when it isn't there or can't be read; both are findings. */
  readonly creation: Option.Option<StoredRecord>
  readonly files: ReadonlyArray<FileEntry>
  /** None when there is no such file; null when it can't be read or isn't asked for. */
  readonly readme: Option.Option<ReadmeFields> | null
  readonly findings: ReadonlyArray<Finding>
  /** All of them; none when there is no folder for them: the directory's own time shows when there is one. */
  readonly seen: ReadonlyArray<SeenRecord>
  /** When one of them changed last, in milliseconds since 1970. */
  readonly changedMillis: number
}

const names = ["creation.json", "files.json", "readme_fields.json"] as const

const nothing = (findings: ReadonlyArray<Finding>): Records => ({
  creation: Option.none(),
  files: [],
  readme: null,
  findings,
  seen: [],
  changedMillis: 0,
})

const isAbsent = (error: RecordError): boolean =>
  error._tag === "DiskError" && (error.errno === "ENOENT" || error.errno === "ENOTDIR")

/** Before they are read: a change in between shows the next time. */
const lookAt = Effect.fnUntraced(function* (disk: typeof Disk.Service, destination: Destination) {
  const seen: Array<SeenRecord> = []
  let changedMillis = 0
  for (const name of names) {
    const path = recordAt(destination, name)
    const info = Option.getOrNull(yield* Effect.orElseSucceed(disk.lstat(path), Option.none))
    seen.push({ path, stamp: info?.stamp ?? null })
    changedMillis = Math.max(changedMillis, info?.changedMillis ?? 0)
  }
  return { seen, changedMillis }
})

/** The records of a directory. What keeps one from being read is a finding, and stops nothing. */
export const readRecords = (disk: typeof Disk.Service, writer: typeof CreationWriter.Service) =>
  Effect.fnUntraced(function* (destination: Destination) {
    const { path } = destination
    const folder = yield* Effect.orElseSucceed(disk.lstat(joinPath(path, metadataFolder)), () => null)
    if (folder !== null && Option.isNone(folder)) return nothing([orphan(destination)])
    if (folder !== null && folder.value.type !== "directory")
      return nothing([noMetadataFolder(destination, folder.value.type)])

    const findings: Array<Finding> = []
    const found = (finding: Finding) =>
      Effect.sync(() => {
        findings.push(finding)
        return null
      })
    const readOr = <A>(name: string, read: Effect.Effect<A, RecordError>): Effect.Effect<A | null> =>
      Effect.catchAll(read, (error) => found(unreadableRecord(destination, name, error)))

    const { changedMillis, seen } = yield* lookAt(disk, destination)
    const creation = yield* readOr(
      "creation.json",
      Effect.catchIf(writer.read(path), isAbsent, () => found(orphan(destination))),
    )
    const files = yield* readOr("files.json", writer.readFiles(path))
    const readme =
      creation === null ? null : yield* readOr("readme_fields.json", writer.readReadmeFields(path))
    return {
      creation: Option.fromNullable(creation),
      files: files ?? [],
      readme,
      findings,
      seen,
      changedMillis,
    } satisfies Records
  })
