import { Context, type Effect, type Option } from "effect"
import type { QueueUnavailable } from "./SyncQueue.ts"

/** A file as a verification found it: here with this stamp, and with these bytes both here and on the target. */
export interface VerifiedFile {
  /** Relative to the job's directory. */
  readonly path: string
  readonly size: number
  /** See `FileInfo` of `Disk`. */
  readonly stamp: string
  /** Hexadecimal. */
  readonly sha256: string
}

/** A verification that found every file of a job's directory on the target. */
export interface VerificationPass {
  /** 1 is the first. */
  readonly pass: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly files: number
  readonly bytes: number
  /** Of the files' paths, sizes and digests: two passes with the same one have seen the same directory. */
  readonly digest: string
}

/** Local data on their way to the trash, or in it. */
export interface Cleanup {
  readonly jobId: string
  /** The directory that they are taken from, absolute. */
  readonly path: string
  /** Where they go, absolute. */
  readonly trash: string
  /** The verification that allows it. */
  readonly pass: number
  readonly files: number
  readonly bytes: number
  readonly startedAt: number
  /** When everything was in the trash, as it was verified; null while it is being moved. */
  readonly sealedAt: number | null
}

type Access<A> = Effect.Effect<A, QueueUnavailable>

/** What was verified, and what is being deleted because of that. Durable when a method returns. */
export class SyncLedger extends Context.Tag("exlab-wizard/SyncLedger")<
  SyncLedger,
  {
    /** Remembers one more pass. Its files take the place of those of the pass before. */
    readonly record: (
      jobId: string,
      at: number,
      files: ReadonlyArray<VerifiedFile>,
    ) => Access<VerificationPass>
    /** Oldest first. */
    readonly passes: (jobId: string) => Access<ReadonlyArray<VerificationPass>>
    /** The files of the last pass that was recorded as a whole, by path. */
    readonly files: (jobId: string) => Access<ReadonlyArray<VerifiedFile>>
    /** Forgets the passes and the files of a job. */
    readonly forget: (jobId: string) => Access<void>
    /** Written before anything is moved; takes the place of an earlier one of that job. */
    readonly beginCleanup: (cleanup: Cleanup) => Access<void>
    readonly cleanup: (jobId: string) => Access<Option.Option<Cleanup>>
    /** Those that were begun, and of which not everything is in the trash, as far as is known. */
    readonly unsealed: Access<ReadonlyArray<Cleanup>>
    /** Those that lie sealed in the trash since `before` or earlier. */
    readonly sealedBefore: (before: number) => Access<ReadonlyArray<Cleanup>>
    /** Everything is in the trash. The files have these stamps there. */
    readonly seal: (
      jobId: string,
      at: number,
      stamps: ReadonlyArray<Pick<VerifiedFile, "path" | "stamp">>,
    ) => Access<void>
    readonly endCleanup: (jobId: string) => Access<void>
  }
>() {}
