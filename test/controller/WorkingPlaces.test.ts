import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Ref } from "effect"
import * as FC from "effect/FastCheck"
import { make } from "../../src/controller/WorkingPlaces.ts"

const settle = Effect.repeatN(Effect.yieldNow(), 50)

it.effect("never more sessions hold a place than there are, and every place comes back", () =>
  Effect.gen(function* () {
    const places = make(3)
    const working = yield* Ref.make(0)
    const most = yield* Ref.make(0)
    const enter = Ref.updateAndGet(working, (n) => n + 1).pipe(
      Effect.flatMap((now) => Ref.update(most, (n) => Math.max(n, now))),
    )
    const leave = Ref.update(working, (n) => n - 1)
    const work = Effect.acquireUseRelease(
      enter,
      () => Effect.yieldNow(),
      () => leave,
    )
    const session = Effect.scoped(Effect.zipRight(places.hold("fresh"), work)).pipe(
      Effect.zipRight(Effect.yieldNow()),
      Effect.zipRight(Effect.scoped(Effect.zipRight(places.hold("resumed"), work))),
    )
    yield* Effect.forEach(Array.from({ length: 200 }), () => session, {
      concurrency: "unbounded",
      discard: true,
    })
    expect(yield* most).toBe(3)
    yield* Effect.scoped(
      Effect.all([places.hold("fresh"), places.hold("fresh"), places.hold("fresh")], { discard: true }),
    )
  }),
)

it.effect("a resumed session goes before new ones", () =>
  Effect.gen(function* () {
    const places = make(1)
    const order = yield* Ref.make<ReadonlyArray<string>>([])
    const note = (who: string) => Ref.update(order, (seen) => [...seen, who])
    const answer = yield* Deferred.make<void>()
    const away = yield* Deferred.make<void>()
    const finish = yield* Deferred.make<void>()
    const asking = yield* Effect.fork(
      Effect.scoped(places.hold("fresh")).pipe(
        Effect.zipRight(Deferred.succeed(away, undefined)),
        Effect.zipRight(Deferred.await(answer)),
        Effect.zipRight(Effect.scoped(Effect.zipRight(places.hold("resumed"), note("resumed")))),
      ),
    )
    yield* Deferred.await(away)
    const holder = yield* Effect.fork(
      Effect.scoped(Effect.zipRight(places.hold("fresh"), Deferred.await(finish))),
    )
    yield* settle
    const fresh = yield* Effect.fork(Effect.scoped(Effect.zipRight(places.hold("fresh"), note("new"))))
    yield* settle
    yield* Deferred.succeed(answer, undefined)
    yield* settle
    yield* Deferred.succeed(finish, undefined)
    yield* Fiber.joinAll([asking, holder, fresh])
    expect(yield* order).toEqual(["resumed", "new"])
  }),
)

it.effect.prop(
  "interrupted at any moment, a waiter leaves no place behind",
  [
    FC.array(FC.record({ interrupted: FC.boolean(), yields: FC.nat(6) }), { maxLength: 30 }),
    FC.integer({ min: 1, max: 3 }),
  ],
  ([sessions, count]) =>
    Effect.gen(function* () {
      const places = make(count)
      yield* Effect.forEach(
        sessions,
        ({ interrupted, yields }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.scoped(Effect.zipRight(places.hold("fresh"), Effect.yieldNow())).pipe(
                Effect.zipRight(Effect.yieldNow()),
                Effect.zipRight(Effect.scoped(Effect.zipRight(places.hold("resumed"), Effect.yieldNow()))),
              ),
            )
            yield* Effect.repeatN(Effect.yieldNow(), yields)
            yield* interrupted ? Fiber.interrupt(fiber) : Fiber.join(fiber)
          }),
        { concurrency: "unbounded", discard: true },
      )
      const all = yield* Effect.fork(
        Effect.scoped(
          Effect.forEach(Array.from({ length: count }), () => places.hold("fresh"), { discard: true }),
        ),
      )
      yield* settle
      const free = yield* Fiber.poll(all)
      expect(free._tag).toBe("Some")
    }),
)

it.effect("10,000 waiters are served one after the other", () =>
  Effect.gen(function* () {
    const places = make(2)
    const served = yield* Ref.make(0)
    yield* Effect.forEach(
      Array.from({ length: 10_000 }),
      () =>
        Effect.scoped(
          Effect.zipRight(
            places.hold("fresh"),
            Ref.update(served, (n) => n + 1),
          ),
        ),
      { concurrency: "unbounded", discard: true },
    )
    expect(yield* served).toBe(10_000)
  }),
)
