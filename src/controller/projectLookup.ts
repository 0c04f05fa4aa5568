import { Effect, Option } from "effect"
import type { LimsProject } from "../domain/CreateRequest.ts"
import { equipmentPath, joinPath, metadataFolder } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import { inheritedLims } from "../domain/StoredRecord.ts"
import { CreationWriter } from "../ports/CreationWriter.ts"
import { Disk } from "../ports/Disk.ts"

/** A project's folder, and what its record says of it, where there is one. */
export interface FoundProject {
  readonly folder: string
  readonly lims: Option.Option<LimsProject>
}

const isDirectory = (path: string): Effect.Effect<boolean, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) => disk.lstat(path)).pipe(
    Effect.map(Option.exists((info) => info.type === "directory")),
  )

/** A record that can't be read says nothing here; audits report it. */
const recordedLims = (directory: string) =>
  Effect.flatMap(CreationWriter, (writer) => writer.read(directory)).pipe(
    Effect.map((record) => Option.fromNullable(inheritedLims(record))),
    Effect.catchTags({
      DiskError: () => Effect.succeedNone,
      RecordUnreadable: () => Effect.succeedNone,
      SchemaMajorMismatch: () => Effect.succeedNone,
    }),
  )

/**
 * The project of a run: the folder named by the short id, else one whose record holds that short id (other
 * tools name folders by the LIMS name). Folders are looked at in the order of their names.
 */
export const findProject = Effect.fn("findProject")(function* (
  localRoot: string,
  equipmentId: string,
  shortId: string,
) {
  const disk = yield* Disk
  const equipment = equipmentPath(localRoot, equipmentId)
  if (yield* isDirectory(joinPath(equipment, shortId))) {
    return Option.some<FoundProject>({
      folder: shortId,
      lims: yield* recordedLims(joinPath(equipment, shortId)),
    })
  }
  if (!(yield* isDirectory(equipment))) return Option.none<FoundProject>()
  for (const { name, type } of yield* disk.list(equipment)) {
    if (type !== "directory" || name === metadataFolder) continue
    const lims = yield* recordedLims(joinPath(equipment, name))
    if (Option.exists(lims, (found) => found.shortId === shortId)) return Option.some({ folder: name, lims })
  }
  return Option.none<FoundProject>()
})
