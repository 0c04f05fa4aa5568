import { Effect } from "effect"
import { joinPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { isTemporary } from "../disk/atomic.ts"

/**
 * Removes what killed writers left beside records: they write under the record's lock, so it is theirs when
 * nobody holds one. Gives back the paths.
 */
export const clearTemporaries = (folder: string): Effect.Effect<ReadonlyArray<string>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const entries = yield* disk.list(folder)
    const left = entries.filter(isTemporary).map(({ name }) => joinPath(folder, name))
    const locks = entries.filter(({ name }) => name.endsWith(".lock"))
    if (left.length === 0) return left
    const free = yield* Effect.forEach(locks, ({ name }) => disk.tryLock(joinPath(folder, name)))
    if (!free.every((taken) => taken)) return []
    yield* Effect.forEach(left, disk.removeFile, { discard: true })
    return left
  }).pipe(Effect.scoped)
