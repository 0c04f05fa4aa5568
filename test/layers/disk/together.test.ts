import { expect, it } from "@effect/vitest"
import { Array, Cause, Deferred, Effect, Exit, FastCheck, Fiber, Option } from "effect"
import { together } from "../../../layers/disk/together.ts"
import { interruptNow } from "../../support/FaultDisk.ts"

/** Counts what is under way. */
const watched = () => {
  const seen = { begun: 0, running: 0, most: 0 }
  const watch = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        seen.begun += 1
        seen.running += 1
        seen.most = Math.max(seen.most, seen.running)
      }),
      () => effect,
      () =>
        Effect.sync(() => {
          seen.running -= 1
        }),
    )
  return { seen, watch }
}

it.effect.prop(
  "every item once, results in the order of the items, whatever takes longest",
  [FastCheck.array(FastCheck.nat({ max: 20 }), { maxLength: 40 })],
  ([yields]) =>
    Effect.gen(function* () {
      const { seen, watch } = watched()
      const results = yield* together([...yields.entries()], ([index, times]) =>
        watch(Effect.as(Effect.repeatN(Effect.yieldNow(), times), index)),
      )
      expect(results).toEqual(yields.map((_, index) => index))
      expect(seen.begun).toBe(yields.length)
      expect(seen.most).toBeLessThanOrEqual(4)
    }),
)

it.effect("some at a time", () =>
  Effect.gen(function* () {
    const { seen, watch } = watched()
    const fiber = yield* Effect.fork(together(Array.range(1, 10), () => watch(Effect.never)))
    yield* Effect.repeatN(Effect.yieldNow(), 20)
    expect(seen.running).toBe(4)
    yield* Fiber.interrupt(fiber)
    expect(seen).toMatchObject({ running: 0, begun: 4 })
  }),
)

it.effect("the first failure ends the rest, and what can't be interrupted is waited for", () =>
  Effect.gen(function* () {
    const { seen, watch } = watched()
    const gate = yield* Deferred.make<void>()
    const fiber = yield* Effect.fork(
      together(Array.range(1, 10), (n) =>
        watch(n === 4 ? Effect.fail("fourth") : Effect.uninterruptible(Deferred.await(gate))),
      ),
    )
    yield* Effect.repeatN(Effect.yieldNow(), 20)
    expect(fiber.unsafePoll()).toBeNull()
    yield* Deferred.succeed(gate, undefined)
    const failure = Option.flatMap(Exit.causeOption(yield* Fiber.await(fiber)), Cause.failureOption)
    expect(failure).toEqual(Option.some("fourth"))
    expect(seen).toMatchObject({ running: 0, begun: 4 })
  }),
)

it.effect("the same effect may run again", () =>
  Effect.gen(function* () {
    const twice = together([1, 2, 3, 4, 5, 6], (n) => Effect.succeed(n * 2))
    expect(yield* twice).toEqual(yield* twice)
  }),
)

it.effect("after a failure no item is begun", () =>
  Effect.gen(function* () {
    const { seen, watch } = watched()
    const failure = yield* Effect.flip(
      together(Array.range(1, 40), (n) => watch(n === 6 ? Effect.fail(n) : Effect.yieldNow())),
    )
    expect(failure).toBe(6)
    expect(seen.begun).toBeLessThan(15)
    expect(seen.running).toBe(0)
  }),
)

it.effect("an interruption of any of its fibers is one of the whole", () =>
  Effect.gen(function* () {
    for (const unlucky of Array.range(1, 6)) {
      const { seen, watch } = watched()
      const stop = Effect.withFiberRuntime<void>((fiber) => interruptNow(fiber))
      const exit = yield* Effect.exit(
        together(Array.range(1, 40), (n) => watch(n === unlucky ? stop : Effect.yieldNow())),
      ).pipe(Effect.fork, Effect.flatMap(Fiber.await), Effect.map(Exit.flatten))
      expect(Exit.isInterrupted(exit)).toBe(true)
      expect(seen.begun).toBeLessThan(15)
      expect(seen.running).toBe(0)
    }
  }),
)
