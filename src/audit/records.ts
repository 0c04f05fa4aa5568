import { Effect, type Either, Option } from "effect"
import { joinPath, metadataFolder } from "../domain/Destination.ts"
import { type DiskError, RecordUnreadable } from "../domain/Errors.ts"
import { maxRecordBytes, type RecordProblem } from "../domain/RecordFile.ts"
import { readCreation, readReadmeFields } from "../domain/StoredRecord.ts"
import type { RecordSummary } from "../domain/Tree.ts"
import { Disk } from "../ports/Disk.ts"

type Parse<A> = (path: string, bytes: Uint8Array) => Either.Either<A, RecordProblem>

const orNothing = <A>(read: Effect.Effect<A, DiskError>): Effect.Effect<Option.Option<A>, DiskError> =>
  Effect.catchIf(
    Effect.asSome(read),
    ({ errno }) => errno === "ENOENT",
    () => Effect.succeedNone,
  )

/** Whether a directory has a folder of records. One that is a link leads elsewhere: nothing is read there. */
export const hasRecords = Effect.fnUntraced(function* (directory: string) {
  const path = joinPath(directory, metadataFolder)
  const info = yield* Effect.flatMap(Disk, (disk) => disk.lstat(path))
  if (Option.isNone(info)) return false
  return info.value.type === "directory"
    ? true
    : yield* new RecordUnreadable({ path, reason: "it is no directory, and links aren't followed" })
})

/** A record of a directory; none when it has no such one. */
export const readRecord = Effect.fnUntraced(function* <A>(
  directory: string,
  name: string,
  parse: Parse<A>,
  maxBytes = maxRecordBytes,
) {
  if (!(yield* hasRecords(directory))) return Option.none<A>()
  const disk = yield* Disk
  const path = joinPath(directory, metadataFolder, name)
  const bytes = yield* Effect.catchIf(
    orNothing(disk.readFile(path, { maxBytes })),
    ({ errno }) => errno === "EFBIG",
    () => new RecordUnreadable({ path, reason: `it has more than the ${maxBytes} bytes that are read here` }),
  )
  return Option.isNone(bytes) ? Option.none<A>() : Option.some(yield* parse(path, bytes.value))
})

/** A list reads many records: whole ones are read where one directory is asked for. */
const briefBytes = 256 * 1024

/** What can't be read is said, and stops no list. */
const attempt = <A>(directory: string, name: string, parse: Parse<A>) =>
  Effect.match(readRecord(directory, name, parse, briefBytes), {
    onFailure: ({ message }) => ({ value: Option.none<A>(), problem: message }),
    onSuccess: (value) => ({ value, problem: null }),
  })

const orNull = (text: string | undefined): string | null => (text === undefined || text === "" ? null : text)

/** What a list tells of a project or a run. */
export const summarise = Effect.fnUntraced(function* (directory: string) {
  const creation = yield* attempt(directory, "creation.json", readCreation)
  const readme = yield* attempt(directory, "readme_fields.json", readReadmeFields)
  const record = Option.getOrNull(creation.value)?.record
  const label = Option.getOrNull(readme.value)?.coreFields.label
  const absent = record === undefined ? `${directory} has no creation.json` : null
  return {
    label: orNull(label) ?? orNull(record?.limsProject?.nameAtCreation),
    runKind: orNull(record?.level === "run" ? record.runKind : undefined),
    syncStatus: orNull(record?.syncStatus),
    createdAt: orNull(record?.createdAt),
    problem: creation.problem ?? absent ?? readme.problem,
  } satisfies RecordSummary
})
