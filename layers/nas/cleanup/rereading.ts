import { Effect } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import { isMetadata } from "../../../src/domain/PublishedTree.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type { VerifiedFile } from "../../../src/ports/SyncLedger.ts"
import type { LocalFile } from "../sync/localTree.ts"

/** The digests of records in a directory, or in the trash, which are on no list of what was verified. */
export const digestsOfRecords = (
  root: string,
  late: ReadonlyArray<LocalFile>,
): Effect.Effect<ReadonlyMap<string, Pick<VerifiedFile, "sha256">>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const digests = yield* Effect.forEach(late, ({ path }) =>
      Effect.map(disk.hashFile(joinPath(root, path)), (sha256) => [path, { sha256 }] as const),
    )
    return new Map(digests)
  })

/**
 * The digests of files in the trash that have another stamp than when they were verified: moving a file, or another
 * name of it, changes the stamp, and so does writing to it.
 */
export const digestsOfRestamped = (
  trash: string,
  files: ReadonlyArray<LocalFile>,
  verified: ReadonlyMap<string, VerifiedFile>,
): Effect.Effect<ReadonlyMap<string, string>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const inDoubt = files.filter(({ path, stamp }) => {
      const file = verified.get(path)
      return file !== undefined && file.stamp !== stamp && !isMetadata(path)
    })
    const digests = yield* Effect.forEach(inDoubt, ({ path }) =>
      Effect.map(disk.hashFile(joinPath(trash, path)), (sha256) => [path, sha256] as const),
    )
    return new Map(digests)
  })
