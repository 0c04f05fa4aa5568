import { Clock, Duration, Effect, Ref } from "effect"
import * as SharedWork from "./SharedWork.ts"

/**
 * The result of work until it is older than `age`; then the work is done anew, once for all who ask for it at
 * the same time. A failure isn't remembered.
 */
export const recent = <A, E, R>(
  age: Duration.DurationInput,
  work: Effect.Effect<A, E, R>,
): Effect.Effect<Effect.Effect<A, E, R>> =>
  Effect.map(Ref.make<{ readonly at: number; readonly result: A } | null>(null), (last) => {
    const { share } = SharedWork.make<A, E>()
    const anew = Effect.tap(work, (result) =>
      Effect.flatMap(Clock.currentTimeMillis, (at) => Ref.set(last, { at, result })),
    )
    return Effect.gen(function* () {
      const known = yield* Ref.get(last)
      const passed = (yield* Clock.currentTimeMillis) - (known?.at ?? 0)
      const isFresh = passed >= 0 && passed < Duration.toMillis(age)
      return known !== null && isFresh ? known.result : yield* share("", anew)
    })
  })
