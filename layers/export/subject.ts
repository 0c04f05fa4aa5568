import { Effect, Option } from "effect"
import type { ReadmeFields } from "../../src/domain/CreationRecord.ts"
import { type Destination, destinationAt, joinPath, metadataFolder } from "../../src/domain/Destination.ts"
import { RecordUnreadable } from "../../src/domain/Errors.ts"
import { ExportRefused } from "../../src/domain/Export.ts"
import { maxRecordBytes } from "../../src/domain/RecordFile.ts"
import { readReadmeFields, type StoredRecord } from "../../src/domain/StoredRecord.ts"
import { RunNotFound } from "../../src/domain/SyncErrors.ts"
import { isReached } from "../../src/audit/reaching.ts"
import { CreationWriter } from "../../src/ports/CreationWriter.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"

/** What is to be exported, and what its records say. */
export interface Subject {
  readonly destination: Destination
  readonly record: StoredRecord
  /** Null where other tools wrote none. */
  readonly readme: ReadmeFields | null
}

const locate = Effect.fnUntraced(function* (path: string) {
  const disk = yield* Disk
  const { paths } = yield* Settings
  const destination = destinationAt(paths.localRoot, path)
  if (destination === null) return yield* new RunNotFound({ path })
  return (yield* isReached(disk, paths.localRoot, destination.path))
    ? destination
    : yield* new RunNotFound({ path: destination.path })
})

const readCreation = Effect.fnUntraced(function* (directory: string) {
  const { read } = yield* CreationWriter
  return yield* Effect.catchIf(
    read(directory),
    (error) => error._tag === "DiskError" && error.errno === "ENOENT",
    () =>
      new RecordUnreadable({
        path: joinPath(directory, metadataFolder, "creation.json"),
        reason: "it isn't there, so nobody knows where these files come from",
      }),
  )
})

const readReadme = Effect.fnUntraced(function* (directory: string) {
  const disk = yield* Disk
  const path = joinPath(directory, metadataFolder, "readme_fields.json")
  const bytes = yield* disk.readFile(path, { maxBytes: maxRecordBytes }).pipe(
    Effect.asSome,
    Effect.catchIf(
      ({ errno }) => errno === "ENOENT",
      () => Effect.succeedNone,
    ),
    Effect.catchIf(
      ({ errno }) => errno === "EFBIG",
      () => new RecordUnreadable({ path, reason: `is larger than ${maxRecordBytes} bytes` }),
    ),
  )
  return Option.isNone(bytes) ? null : yield* readReadmeFields(path, bytes.value)
})

/** A project or a run with its records; one whose data are elsewhere by now is refused. */
export const subjectAt = Effect.fnUntraced(function* (path: string) {
  const destination = yield* locate(path)
  const record = yield* readCreation(destination.path)
  if (record.syncStatus === "cleaned") {
    const copy = record.paths.nas === "" ? "on the NAS" : `on the NAS, at ${record.paths.nas}`
    return yield* new ExportRefused({
      path: destination.path,
      reason: `isn't exported: its data were removed here, and are ${copy}`,
    })
  }
  return { destination, record, readme: yield* readReadme(destination.path) } satisfies Subject
})
