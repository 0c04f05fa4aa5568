import { Clock, Effect } from "effect"

export interface TwoClocks {
  /** By the clock that can be set. */
  readonly set: number
  /** By the one that can't. */
  readonly steady: number
  readonly earliest: number
  readonly latest: number
}

/**
 * The time by the computer's clock, which people and NTP set, and by one that began with it when the process started
 * and is never set. Milliseconds since 1970. What lasts from `latest` to `earliest` has lasted at least so long,
 * whatever was done to the clock in between.
 */
export const twoClocks: Effect.Effect<TwoClocks> = Effect.zipWith(
  Clock.currentTimeMillis,
  Clock.currentTimeNanos,
  (set, nanos) => {
    const steady = Number(nanos / 1_000_000n)
    return { set, steady, earliest: Math.min(set, steady), latest: Math.max(set, steady) }
  },
)
