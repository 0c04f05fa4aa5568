import { Data, Effect } from "effect"
import type { DiskError } from "../../../src/domain/Errors.ts"
import { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import { listed } from "../../../src/domain/listed.ts"

/** The job can't go on until a person has done something. */
export class JobStopped extends Data.TaggedError("JobStopped")<{
  readonly reason: string
  /** Whether the record says so already, as for a blocked run. */
  readonly isBlocked: boolean
}> {}

export const stopped = (reason: string): JobStopped => new JobStopped({ reason, isBlocked: false })

/** Of a directory that only its record could let go. */
export const noRecord = "it has no creation.json, which would say how it stands"

const forbidden = new Set(["EACCES", "EPERM", "ENAMETOOLONG", "EILSEQ", "EINVAL"])

/** What trouble with the local files means for the job: they change, or can't be read, or the disk has a bad day. */
export const localTrouble = (error: DiskError): SyncFailure =>
  new SyncFailure({
    class:
      error.errno === "ENOENT" || error.errno === "ENOTDIR"
        ? "source_changed"
        : forbidden.has(error.errno)
          ? "permanent"
          : "transient",
    reason: error.message,
    files: [],
  })

export const locally = <A, R>(effect: Effect.Effect<A, DiskError, R>): Effect.Effect<A, SyncFailure, R> =>
  Effect.mapError(effect, localTrouble)

export const changing = (paths: ReadonlyArray<string>): SyncFailure =>
  new SyncFailure({
    class: "source_changed",
    reason: `files change while they are copied: ${listed(paths)}`,
    files: paths.slice(0, 100),
  })
