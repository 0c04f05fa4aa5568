import { Array, Effect, Option } from "effect"
import { SyncLedger, type VerificationPass, type VerifiedFile } from "../../../src/ports/SyncLedger.ts"
import type { QueueUnavailable } from "../../../src/ports/SyncQueue.ts"
import { digestOf } from "./passOf.ts"

/** What the ledger knows of a job's verifications. There is no other way to come by one. */
export class Evidence {
  readonly jobId: string
  /** The newest pass, whose files these are. */
  readonly last: VerificationPass
  /** How many passes up to the newest, one after the other, found the same as that. */
  readonly passes: number
  readonly #files: ReadonlyMap<string, VerifiedFile>

  private constructor(
    jobId: string,
    last: VerificationPass,
    passes: number,
    files: ReadonlyMap<string, VerifiedFile>,
  ) {
    this.jobId = jobId
    this.last = last
    this.passes = passes
    this.#files = files
  }

  get files(): ReadonlyMap<string, VerifiedFile> {
    return this.#files
  }

  /** None for a job without a pass, or whose list of files isn't the pass's: a process ended while it wrote it. */
  static readonly of = (
    jobId: string,
  ): Effect.Effect<Option.Option<Evidence>, QueueUnavailable, SyncLedger> =>
    Effect.gen(function* () {
      const ledger = yield* SyncLedger
      const passes = yield* ledger.passes(jobId)
      const last = Option.getOrNull(Array.last(passes))
      if (last === null) return Option.none()
      const files = yield* ledger.files(jobId)
      if (digestOf(files) !== last.digest) return Option.none()
      const alike = Array.takeWhile(passes.toReversed(), ({ digest }) => digest === last.digest)
      const byPath = new Map(files.map((file) => [file.path, file]))
      return Option.some(new Evidence(jobId, last, alike.length, byPath))
    })
}
