import { Clock, Effect } from "effect"

/** A clock that can be set, over the one that is in force: milliseconds that it is ahead. Steady time isn't touched. */
export const withSetClock = <A, E, R>(
  use: (set: (aheadBy: number) => void) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.clock, (base) => {
    let ahead = 0
    const clock: Clock.Clock = {
      [Clock.ClockTypeId]: Clock.ClockTypeId,
      unsafeCurrentTimeMillis: () => base.unsafeCurrentTimeMillis() + ahead,
      unsafeCurrentTimeNanos: () => base.unsafeCurrentTimeNanos(),
      currentTimeMillis: Effect.map(base.currentTimeMillis, (now) => now + ahead),
      currentTimeNanos: base.currentTimeNanos,
      sleep: (duration) => base.sleep(duration),
    }
    // What else the base can do, such as to be adjusted, it still can.
    Object.setPrototypeOf(clock, base)
    return Effect.withClock(
      use((aheadBy) => {
        ahead = aheadBy
      }),
      clock,
    )
  })
