import { Array, Effect, Option, Schema } from "effect"
import { joinPath, leafName, metadataFolder, parentPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { type Cleanup, SyncLedger } from "../../../src/ports/SyncLedger.ts"

/** On the volume of the data, out of sight. */
export const trashFolder = (parent: string): string => joinPath(parent, metadataFolder, "trash")

/** Beside a trash: what is in it, for when the queue that knows is lost. */
export const notePath = (trash: string): string => `${trash}.json`

const maxBytes = 64 * 1024

const Note = Schema.parseJson(
  Schema.Struct({
    schema_version: Schema.Literal("1.0"),
    /** The name of the run's folder, which is beside the folder of all trashes. */
    run: Schema.NonEmptyString,
    verification: Schema.Int,
    files: Schema.NonNegativeInt,
    bytes: Schema.NonNegative,
    started_at: Schema.Int,
  }),
)

const encode = Schema.encode(Note)
const decode = Schema.decodeUnknownOption(Note)

/** Says what a trash is for, on stable storage, before anything is in it. */
export const writeNote = ({ bytes, files, pass, path, startedAt, trash }: Cleanup) =>
  encode({
    schema_version: "1.0",
    run: leafName(path),
    verification: pass,
    files,
    bytes,
    started_at: startedAt,
  }).pipe(
    Effect.orDie,
    Effect.flatMap((text) =>
      Effect.flatMap(Disk, (disk) =>
        // What an earlier try has left may be half of one.
        Effect.all(
          [
            disk.removeFile(notePath(trash)),
            disk.createFile(notePath(trash), `${text}\n`, { flush: true }),
            disk.flush(parentPath(trash)),
          ],
          { discard: true },
        ),
      ),
    ),
  )

/** What lies in the trashes of a folder of runs, as their notes say. A note without a trash says nothing. */
export const notedIn = (
  parent: string,
): Effect.Effect<ReadonlyArray<Omit<Cleanup, "jobId">>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const folder = trashFolder(parent)
    const entries = yield* Effect.catchIf(
      disk.list(folder),
      ({ errno }) => errno === "ENOENT" || errno === "ENOTDIR",
      () => Effect.succeed([]),
    )
    const names = new Set(entries.map(({ name }) => name))
    const trashes = entries.flatMap(({ name, type }) =>
      type === "directory" && names.has(notePath(name)) ? [joinPath(folder, name)] : [],
    )
    const notes = yield* Effect.forEach(trashes, (trash) =>
      Effect.map(
        Effect.option(disk.readFile(notePath(trash), { maxBytes })),
        (bytes): Option.Option<Omit<Cleanup, "jobId">> =>
          Option.map(
            Option.flatMap(bytes, (found) => decode(new TextDecoder().decode(found))),
            (note) => ({
              path: joinPath(parent, note.run),
              trash,
              pass: note.verification,
              files: note.files,
              bytes: note.bytes,
              startedAt: note.started_at,
              sealedAt: note.started_at,
            }),
          ),
      ),
    )
    return Array.getSomes(notes)
  })

/** What was taken from the directory of a job and lies in a trash, or is on its way there. */
export const takenFrom = Effect.fnUntraced(function* ({ id, path }: Pick<SyncJob, "id" | "path">) {
  const ledger = yield* SyncLedger
  const known = yield* ledger.cleanup(id)
  if (Option.isSome(known)) return known
  const noted = (yield* notedIn(parentPath(path))).find((one) => one.path === path)
  return Option.map(Option.fromNullable(noted), (one): Cleanup => ({ jobId: id, ...one }))
})
