import { Effect, Ref, type Scope } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { QueueUnavailable } from "../../../src/ports/SyncQueue.ts"
import { removeAtLast } from "../../disk/atomic.ts"

/** By which a claim shows that its worker is there, beyond its lease. A killed process has none. */
export interface JobLocks {
  /** False when another claim has it, of this process or of another. */
  readonly take: (jobId: string) => Effect.Effect<boolean, QueueUnavailable, Scope.Scope>
}

/** Files in a folder, locked by the system. They go with their lock: what is left is a killed process's. */
export const inFolder = (folder: string): Effect.Effect<JobLocks, never, Disk> =>
  Effect.map(Disk, (disk) => ({
    take: (jobId) => {
      const path = joinPath(folder, `${jobId}.lock`)
      const make = Effect.catchIf(
        disk.createFile(path, "", { mode: 0o600 }),
        ({ errno }) => errno === "EEXIST",
        () => Effect.void,
      )
      const removeWithLock = Effect.addFinalizer(() => removeAtLast(disk.removeFile(path)))
      return make.pipe(
        Effect.zipRight(disk.tryLock(path)),
        Effect.tap((taken) => (taken ? removeWithLock : Effect.void)),
        Effect.uninterruptible,
        Effect.mapError((error) => new QueueUnavailable({ path, reason: error.message })),
      )
    },
  }))

/** Inside one process. */
export const inMemory: Effect.Effect<JobLocks> = Effect.map(
  Ref.make<ReadonlySet<string>>(new Set()),
  (taken) => ({
    take: (jobId) =>
      Effect.acquireRelease(
        Ref.modify(taken, (ids) => [!ids.has(jobId), new Set([...ids, jobId])]),
        (got) =>
          got ? Ref.update(taken, (ids) => new Set([...ids].filter((id) => id !== jobId))) : Effect.void,
      ),
  }),
)
