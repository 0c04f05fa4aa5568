import { Effect, Either, Option } from "effect"
import type { LimsProject } from "../domain/CreateRequest.ts"
import { equipmentPath, joinPath } from "../domain/Destination.ts"
import type { DiskError, RecordUnreadable, SchemaMajorMismatch } from "../domain/Errors.ts"
import { inheritedLims } from "../domain/StoredRecord.ts"
import { CreationWriter } from "../ports/CreationWriter.ts"
import { Disk, type FileType } from "../ports/Disk.ts"

/** A project's folder, and what its record says of it, where there is one. */
export interface FoundProject {
  readonly folder: string
  readonly lims: Option.Option<LimsProject>
  /** Why its record says nothing, when there is one that can't be read. */
  readonly problem: Option.Option<RecordUnreadable | SchemaMajorMismatch>
}

const typeOf = (path: string): Effect.Effect<FileType | "nothing", DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) => disk.lstat(path)).pipe(
    Effect.map(Option.match({ onNone: () => "nothing", onSome: ({ type }) => type })),
  )

/** There is no record, or none that this service may read. What fails otherwise could be mended by trying again. */
const noRecord = new Set([
  "ENOENT",
  "ENOTDIR",
  "EACCES",
  "EPERM",
  "EISDIR",
  "ELOOP",
  "EMLINK",
  "EINVAL",
  "ENXIO",
])

type Recorded = Omit<FoundProject, "folder">

const nothingRecorded: Recorded = { lims: Option.none(), problem: Option.none() }

const unreadable = (error: RecordUnreadable | SchemaMajorMismatch): Effect.Effect<Recorded> =>
  Effect.succeed({ lims: Option.none(), problem: Option.some(error) })

/** What a project's record says of its LIMS entry. One that can't be read stops no run. */
const recorded = (directory: string): Effect.Effect<Recorded, DiskError, CreationWriter> =>
  Effect.flatMap(CreationWriter, (writer) => writer.read(directory)).pipe(
    Effect.map((record): Recorded => ({
      lims: Option.fromNullable(inheritedLims(record)),
      problem: Option.none(),
    })),
    Effect.catchTags({
      DiskError: (error) =>
        noRecord.has(error.errno) ? Effect.succeed(nothingRecorded) : Effect.fail(error),
      RecordUnreadable: unreadable,
      SchemaMajorMismatch: unreadable,
    }),
  )

/** The first folder, by name, whose record holds the short id. Hidden folders are no projects. */
const findByRecord = Effect.fnUntraced(function* (equipment: string, shortId: string) {
  const disk = yield* Disk
  for (const { name, type } of yield* disk.list(equipment)) {
    if (type !== "directory" || name.startsWith(".")) continue
    const found = yield* recorded(joinPath(equipment, name))
    if (Option.exists(found.lims, (lims) => lims.shortId === shortId)) {
      return Option.some<FoundProject>({ folder: name, ...found })
    }
  }
  return Option.none<FoundProject>()
})

/**
 * The project of a run: the folder named by the short id, else one whose record holds that short id (other
 * tools name folders by the LIMS name). Otherwise why there is none, in words.
 */
export const findProject = Effect.fnUntraced(function* (
  localRoot: string,
  equipmentId: string,
  shortId: string,
) {
  const equipment = equipmentPath(localRoot, equipmentId)
  const path = joinPath(equipment, shortId)
  const type = yield* typeOf(path)
  if (type === "directory") {
    return Either.right<FoundProject>({ folder: shortId, ...(yield* recorded(path)) })
  }
  if ((yield* typeOf(equipment)) === "directory") {
    const found = yield* findByRecord(equipment, shortId)
    if (Option.isSome(found)) return Either.right(found.value)
  }
  return Either.left(
    type === "nothing"
      ? `${equipmentId} has no project ${shortId}; create it first`
      : `${path} is no directory but a ${type === "other" ? "special file" : type}; move it away, or choose another id`,
  )
})
