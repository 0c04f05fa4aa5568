import { Clock, Context, Duration, Effect, Layer } from "effect"

/**
 * A clock that stands still until it is moved, for those who sleep on none: moving it wakes nobody, and costs nothing.
 */
export class SteeredClock extends Context.Tag("test/SteeredClock")<
  SteeredClock,
  { readonly advance: (duration: Duration.DurationInput) => Effect.Effect<void> }
>() {}

export const layer = (start: Date): Layer.Layer<SteeredClock> =>
  Layer.unwrapEffect(
    Effect.sync(() => {
      let now = start.getTime()
      const nanos = (): bigint => BigInt(now) * 1_000_000n
      const clock: Clock.Clock = {
        [Clock.ClockTypeId]: Clock.ClockTypeId,
        unsafeCurrentTimeMillis: () => now,
        unsafeCurrentTimeNanos: nanos,
        currentTimeMillis: Effect.sync(() => now),
        currentTimeNanos: Effect.sync(nanos),
        sleep: () => Effect.never,
      }
      const advance = (duration: Duration.DurationInput) =>
        Effect.sync(() => {
          now += Duration.toMillis(duration)
        })
      return Layer.merge(Layer.setClock(clock), Layer.succeed(SteeredClock, { advance }))
    }),
  )
