import { DateTime, Effect, Option } from "effect"
import { isReached } from "../../../src/audit/reaching.ts"
import type { DiskError, RecordUnreadable, SchemaMajorMismatch } from "../../../src/domain/Errors.ts"
import { parseRunDate } from "../../../src/domain/RunDate.ts"
import type { StoredRecord } from "../../../src/domain/StoredRecord.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import type { Cleanup } from "../../../src/ports/SyncLedger.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { listTree, type LocalTree } from "../sync/localTree.ts"
import { differenceFrom } from "./comparing.ts"
import { Evidence } from "./Evidence.ts"
import type { CleanupFacts } from "./Proof.ts"

const utc = DateTime.zoneMakeOffset(0)

const revocationsOf = ({ validationOverrides }: StoredRecord): ReadonlyArray<number | null> =>
  validationOverrides
    .filter(({ revoked, revokes }) => revoked || revokes !== "")
    .map(({ recordedAt }) =>
      Option.getOrNull(Option.map(parseRunDate(recordedAt, utc), DateTime.toEpochMillis)),
    )

/** A tree that may not be there. */
export const treeAt = (path: string | null): Effect.Effect<LocalTree | undefined, DiskError, Disk> =>
  Effect.gen(function* () {
    if (path === null) return undefined
    const info = yield* Effect.flatMap(Disk, (disk) => disk.lstat(path))
    return Option.isSome(info) ? yield* listTree(path, "run") : undefined
  })

/** Everything that the decision about a job's directory rests on, as it is now. */
export const factsAbout = (
  job: SyncJob,
  begun: Cleanup | null,
  targetProblem: string | null,
): Effect.Effect<
  CleanupFacts,
  DiskError | RecordUnreadable | SchemaMajorMismatch | Effect.Effect.Error<ReturnType<typeof Evidence.of>>,
  CreationWriter | Disk | Settings | Effect.Effect.Context<ReturnType<typeof Evidence.of>>
> =>
  Effect.gen(function* () {
    const { nasCleanup, paths } = yield* Settings
    const writer = yield* CreationWriter
    const evidence = Option.getOrNull(yield* Evidence.of(job.id))
    const record = yield* writer.read(job.path)
    const place = yield* listTree(job.path, job.level)
    const trash = yield* treeAt(begun?.trash ?? null)
    const difference = differenceFrom(evidence?.files ?? new Map(), place, trash)
    const isOurs = yield* isReached(yield* Disk, paths.localRoot, job.path)
    return {
      settings: nasCleanup,
      job,
      evidence,
      // What a link leads to is elsewhere, and isn't ours to remove.
      difference: isOurs ? difference : { ...difference, special: [job.path] },
      targetProblem,
      revocations: revocationsOf(record),
      now: yield* twoClocks,
    }
  })
