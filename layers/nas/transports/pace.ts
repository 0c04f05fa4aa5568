import { Effect } from "effect"
import { twoClocks } from "../../sharing/twoClocks.ts"

const largestPiece = 1024 * 1024
const smallestPiece = 16 * 1024

/** Keeps several copies together below a rate. */
export interface Pace {
  /** Bytes that are copied in one piece. */
  readonly piece: number
  /** Waits until so many bytes that were copied are paid for. */
  readonly pay: (bytes: number) => Effect.Effect<void>
}

/** Null: as fast as it goes. */
export const makePace = (bytesPerSecond: number | null): Effect.Effect<Pace> =>
  Effect.map(twoClocks, ({ steady: begin }) => {
    if (bytesPerSecond === null) return { piece: largestPiece, pay: () => Effect.void }
    let paidUntil = begin
    return {
      piece: Math.max(smallestPiece, Math.min(largestPiece, Math.floor(bytesPerSecond / 4))),
      pay: (bytes) =>
        Effect.flatMap(twoClocks, ({ steady: now }) => {
          paidUntil = Math.max(paidUntil, now) + (bytes / bytesPerSecond) * 1000
          return Effect.sleep(paidUntil - now)
        }),
    }
  })
