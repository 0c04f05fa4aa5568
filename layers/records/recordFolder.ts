import { Effect } from "effect"
import { joinPath, metadataFolder, parentPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { removeTemporaries, replaceFile } from "../disk/atomic.ts"

/** A file in the metadata folder of a directory. */
export const recordPath = (directory: string, name: string): string =>
  joinPath(directory, metadataFolder, name)

/** Makes the folder that a file is to stand in; one that is there is fine. */
export const makeFolder = (disk: typeof Disk.Service, path: string): Effect.Effect<void, DiskError> =>
  Effect.catchIf(
    disk.makeDirectory(parentPath(path)),
    (error) => error.errno === "EEXIST",
    () => Effect.void,
  )

/** Does something with a file, and once more with its folder made when that isn't there. */
export const inFolder = <A>(
  disk: typeof Disk.Service,
  path: string,
  use: Effect.Effect<A, DiskError>,
): Effect.Effect<A, DiskError> =>
  Effect.catchIf(
    use,
    (error) => error.errno === "ENOENT",
    () => Effect.zipRight(makeFolder(disk, path), use),
  )

/**
 * Writes a file of a tree that isn't published yet: one operation when all goes as usual. The content is
 * on stable storage only when the tree is flushed.
 */
export const writeUnpublished = (
  disk: typeof Disk.Service,
  path: string,
  content: string,
): Effect.Effect<void, DiskError> =>
  Effect.catchIf(
    inFolder(disk, path, disk.createFile(path, content)),
    (error) => error.errno === "EEXIST",
    () => Effect.provideService(replaceFile(path, content), Disk, disk),
  )

/** The same of the file that a tree gets first: the folder isn't there as a rule. */
export const writeFirst = (
  disk: typeof Disk.Service,
  path: string,
  content: string,
): Effect.Effect<void, DiskError> =>
  Effect.zipRight(makeFolder(disk, path), writeUnpublished(disk, path, content))

/**
 * Replaces a record whose lock is held. Temporary files in a folder of published records are written under
 * such a lock only: those that are there are a killed writer's, and go.
 */
export const replaceLocked = (
  disk: typeof Disk.Service,
  path: string,
  content: string,
): Effect.Effect<void, DiskError> =>
  removeTemporaries(parentPath(path)).pipe(
    Effect.zipRight(replaceFile(path, content)),
    Effect.provideService(Disk, disk),
  )
