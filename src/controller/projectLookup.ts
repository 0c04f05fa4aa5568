import { Effect, Either, Option } from "effect"
import type { LimsProject } from "../domain/CreateRequest.ts"
import { equipmentPath, joinPath } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import { inheritedLims } from "../domain/StoredRecord.ts"
import { CreationWriter } from "../ports/CreationWriter.ts"
import { Disk, type FileType } from "../ports/Disk.ts"

/** A project's folder, and what its record says of it, where there is one. */
export interface FoundProject {
  readonly folder: string
  readonly lims: Option.Option<LimsProject>
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

/** A record that can't be read says nothing here; audits report it. */
const recordedLims = (directory: string) =>
  Effect.flatMap(CreationWriter, (writer) => writer.read(directory)).pipe(
    Effect.map((record) => Option.fromNullable(inheritedLims(record))),
    Effect.catchTags({
      DiskError: (error) => (noRecord.has(error.errno) ? Effect.succeedNone : error),
      RecordUnreadable: () => Effect.succeedNone,
      SchemaMajorMismatch: () => Effect.succeedNone,
    }),
  )

/** The first folder, by name, whose record holds the short id. Hidden folders are no projects. */
const findByRecord = Effect.fnUntraced(function* (equipment: string, shortId: string) {
  const disk = yield* Disk
  for (const { name, type } of yield* disk.list(equipment)) {
    if (type !== "directory" || name.startsWith(".")) continue
    const lims = yield* recordedLims(joinPath(equipment, name))
    if (Option.exists(lims, (found) => found.shortId === shortId)) {
      return Option.some<FoundProject>({ folder: name, lims })
    }
  }
  return Option.none<FoundProject>()
})

/**
 * The project of a run: the folder named by the short id, else one whose record holds that short id (other
 * tools name folders by the LIMS name). Otherwise why there is none, in words.
 */
export const findProject = Effect.fn("findProject")(function* (
  localRoot: string,
  equipmentId: string,
  shortId: string,
) {
  const equipment = equipmentPath(localRoot, equipmentId)
  const path = joinPath(equipment, shortId)
  const type = yield* typeOf(path)
  if (type === "directory") {
    return Either.right<FoundProject>({ folder: shortId, lims: yield* recordedLims(path) })
  }
  if ((yield* typeOf(equipment)) === "directory") {
    const found = yield* findByRecord(equipment, shortId)
    if (Option.isSome(found)) return Either.right(found.value)
  }
  return Either.left(
    type === "nothing"
      ? `${equipmentId} has no project ${shortId}; create it first`
      : `${path} is no directory but a ${type === "other" ? "special file" : type}`,
  )
})
