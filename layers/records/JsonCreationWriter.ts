import { createHash } from "node:crypto"
import { Duration, Effect, Layer, Option, Random } from "effect"
import { parentPath } from "../../src/domain/Destination.ts"
import { DiskError, RecordUnreadable } from "../../src/domain/Errors.ts"
import { changeCreation, missingIds, type RecordChange } from "../../src/domain/RecordChange.ts"
import { maxRecordBytes } from "../../src/domain/RecordFile.ts"
import { creationText, filesText, readmeFieldsText } from "../../src/domain/RecordText.ts"
import {
  readCreation,
  readFilesRecord,
  readReadmeFields,
  type StoredCreation,
  type StoredRecord,
} from "../../src/domain/StoredRecord.ts"
import { CreationWriter, type RecordError } from "../../src/ports/CreationWriter.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { recordPath, replaceLocked, writeFirst, writeUnpublished } from "./recordFolder.ts"

const creationPath = (directory: string): string => recordPath(directory, "creation.json")

const word = Effect.map(Random.nextIntBetween(0, 2 ** 32), (n) => n.toString(16).padStart(8, "0"))

const entryId: Effect.Effect<string> = Effect.zipWith(word, word, (a, b) => `ovr-${a}${b}`)

/** A line for each file, of which a tree may have many. */
const maxInventoryBytes = 256 * 1024 * 1024

/** The bytes of a record; one that is too big for a record is unreadable. */
const readBytes = (
  disk: typeof Disk.Service,
  path: string,
  maxBytes = maxRecordBytes,
): Effect.Effect<Uint8Array, RecordError> =>
  Effect.catchIf(
    disk.readFile(path, { maxBytes }),
    (error) => error.errno === "EFBIG",
    () => new RecordUnreadable({ path, reason: `is larger than ${maxBytes} bytes` }),
  )

const isAbsent = (error: RecordError): boolean => error._tag === "DiskError" && error.errno === "ENOENT"

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

const readStored = (disk: typeof Disk.Service, path: string): Effect.Effect<StoredCreation, RecordError> =>
  Effect.flatMap(readBytes(disk, path), (bytes) => readCreation(path, bytes))

const make = (disk: typeof Disk.Service, lockTimeout: Duration.Duration): typeof CreationWriter.Service => {
  /**
   * The lock is only asked for where there is a record, in a folder that is no link: it would make its own file
   * anywhere.
   */
  const requireRecord = Effect.fnUntraced(function* (path: string) {
    const folder = yield* disk.lstat(parentPath(path))
    if (!Option.exists(folder, ({ type }) => type === "directory") || Option.isNone(yield* disk.lstat(path)))
      return yield* new DiskError({ path, op: "lstat", errno: "ENOENT" })
  })

  const rewrite = Effect.fnUntraced(function* (path: string, change: (record: StoredRecord) => RecordChange) {
    const stored = yield* readStored(disk, path)
    const wanted = change(stored.record)
    const ids = yield* Effect.replicateEffect(entryId, missingIds(stored, wanted))
    const text = changeCreation(stored, wanted, ids)
    if (text === stored.file.text) return stored.record
    const changed = yield* readCreation(path, new TextEncoder().encode(text))
    yield* replaceLocked(disk, path, text)
    return changed.record
  })

  const writeOnce = (path: string, textOf: () => string, write = writeUnpublished) =>
    Effect.suspend(() => {
      const text = textOf()
      return Effect.as(write(disk, path, text), sha256(text))
    })

  return {
    writeCreation: Effect.fn("CreationWriter.writeCreation")((directory, record) =>
      Effect.suspend(() => writeUnpublished(disk, creationPath(directory), creationText(record))),
    ),
    writeReadmeFields: Effect.fn("CreationWriter.writeReadmeFields")((directory, fields) =>
      writeOnce(recordPath(directory, "readme_fields.json"), () => readmeFieldsText(fields), writeFirst),
    ),
    writeFiles: Effect.fn("CreationWriter.writeFiles")((directory, files) =>
      writeOnce(recordPath(directory, "files.json"), () => filesText(files)),
    ),
    read: Effect.fn("CreationWriter.read")((directory) =>
      Effect.map(readStored(disk, creationPath(directory)), ({ record }) => record),
    ),
    readReadmeFields: Effect.fn("CreationWriter.readReadmeFields")((directory) => {
      const path = recordPath(directory, "readme_fields.json")
      return readBytes(disk, path).pipe(
        Effect.flatMap((bytes) => readReadmeFields(path, bytes)),
        Effect.asSome,
        Effect.catchIf(isAbsent, () => Effect.succeedNone),
      )
    }),
    readFiles: Effect.fn("CreationWriter.readFiles")((directory) => {
      const path = recordPath(directory, "files.json")
      return readBytes(disk, path, maxInventoryBytes).pipe(
        Effect.flatMap((bytes) => readFilesRecord(path, bytes)),
        Effect.catchIf(isAbsent, () => Effect.succeed([])),
      )
    }),
    update: Effect.fn("CreationWriter.update")(function* (directory, change) {
      const path = creationPath(directory)
      yield* requireRecord(path)
      return yield* Effect.scoped(
        Effect.zipRight(disk.lock(`${path}.lock`, lockTimeout), rewrite(path, change)),
      )
    }),
  }
}

/** Records as JSON files in the metadata folder. */
export const layer: Layer.Layer<CreationWriter, never, Disk | Settings> = Layer.effect(
  CreationWriter,
  Effect.gen(function* () {
    const settings = yield* Settings
    return make(yield* Disk, Duration.seconds(settings.disk.lockTimeoutSeconds))
  }),
)
