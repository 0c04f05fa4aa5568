import { Effect } from "effect"
import type { ParcelProgress } from "../../../src/ports/SyncTransport.ts"

/** Counts what several copies at once have done, and reports the sum; reports come one after the other. */
export interface Tally {
  readonly add: (bytes: number, files: number, currentFile: string | null) => Effect.Effect<void>
}

export const makeTally = (report: (progress: ParcelProgress) => Effect.Effect<void>): Effect.Effect<Tally> =>
  Effect.map(Effect.makeSemaphore(1), (turn) => {
    let sum = { bytes: 0, files: 0 }
    return {
      add: (bytes, files, currentFile) =>
        turn.withPermits(1)(
          Effect.suspend(() => {
            sum = { bytes: sum.bytes + bytes, files: sum.files + files }
            return report({ ...sum, currentFile })
          }),
        ),
    }
  })
