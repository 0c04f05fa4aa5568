import { expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Option, TestClock } from "effect"
import { makePace } from "../../../../layers/nas/transports/pace.ts"
import { withSetClock } from "../../../support/setClock.ts"

it.effect("a pace goes on when the clock is set back", () =>
  withSetClock((set) =>
    Effect.gen(function* () {
      yield* TestClock.adjust("100 days")
      const { pay } = yield* makePace(1_000_000)
      const first = yield* Effect.fork(pay(1_000_000))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(first)
      set(-Duration.toMillis("10 hours"))
      const second = yield* Effect.fork(pay(1_000_000))
      yield* TestClock.adjust("1 minute")
      expect(Option.isSome(yield* Fiber.poll(second))).toBe(true)
    }),
  ),
)
