import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Ref, TestClock } from "effect"
import { recent } from "../../../layers/sharing/recent.ts"

/** Work that counts how often it is begun, and takes a second. */
const counting = Effect.gen(function* () {
  const begun = yield* Ref.make(0)
  const look = yield* recent(
    "1 minute",
    Effect.zipLeft(
      Ref.updateAndGet(begun, (n) => n + 1),
      Effect.sleep("1 second"),
    ),
  )
  return { begun, look }
})

it.effect("is done once a minute, however many ask, and however often", () =>
  Effect.gen(function* () {
    const { look } = yield* counting
    const crowd = Effect.fork(
      Effect.all(
        Array.from({ length: 50 }, () => look),
        { concurrency: "unbounded" },
      ),
    )
    const first = yield* crowd
    yield* TestClock.adjust("1 second")
    expect(new Set(yield* Fiber.join(first))).toEqual(new Set([1]))
    yield* TestClock.adjust("59 seconds")
    expect(yield* look).toBe(1)
    yield* TestClock.adjust("1 second")
    const second = yield* crowd
    yield* TestClock.adjust("1 second")
    expect(new Set(yield* Fiber.join(second))).toEqual(new Set([2]))
  }),
)

it.effect("whoever gives up leaves it to those who still wait, and a failure isn't remembered", () =>
  Effect.gen(function* () {
    const { begun, look } = yield* counting
    const impatient = yield* Effect.fork(look)
    const patient = yield* Effect.fork(look)
    yield* TestClock.adjust("500 millis")
    yield* Fiber.interrupt(impatient)
    yield* TestClock.adjust("1 second")
    expect([yield* Fiber.join(patient), yield* Ref.get(begun)]).toEqual([2, 2])
    const tries = yield* Ref.make(0)
    const failing = yield* recent("1 minute", Effect.flip(Ref.updateAndGet(tries, (n) => n + 1)))
    expect([yield* Effect.flip(failing), yield* Effect.flip(failing)]).toEqual([1, 2])
  }),
)
