import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, TestClock } from "effect"
import { layerMemory } from "../../../../layers/nas/queue/MemorySyncQueue.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { target, wish } from "../../../contract/syncQueue.ts"
import { withSetClock } from "../../../support/setClock.ts"
import { fresh, settingsIn } from "./support.ts"

const queues = { "in memory": Layer.provide(layerMemory, settingsIn("")), "in a file": fresh }
const days = (n: number): number => n * 86_400_000

for (const [where, queue] of Object.entries(queues)) {
  describe(`a queue ${where} whose computer's clock is set`, () => {
    for (const ahead of [days(3), -days(3)]) {
      const how = ahead > 0 ? "ahead" : "back"

      it.scoped(`${how} takes no job from a worker that lives, and gives no second one to anybody`, () =>
        withSetClock((set) =>
          Effect.gen(function* () {
            const { claim, enqueue, move, recover, renew } = yield* SyncQueue
            yield* TestClock.adjust("100 days")
            yield* enqueue(target(1), "queued", "created")
            const held = Option.getOrThrow(yield* claim(wish()))
            yield* move(held, "running")
            for (const now of [ahead, ahead / 2, 0, ahead]) {
              set(now)
              yield* TestClock.adjust("20 seconds")
              expect(yield* recover).toBe(0)
              expect(yield* Effect.scoped(claim(wish({ states: ["queued", "running"] })))).toEqual(
                Option.none(),
              )
              yield* renew(held)
            }
          }),
        ).pipe(Effect.provide(Layer.fresh(queue))),
      )
    }

    it.scoped("ahead loses a job whose worker doesn't renew its lease, when that has run out", () =>
      withSetClock((set) =>
        Effect.gen(function* () {
          const { claim, enqueue, recover } = yield* SyncQueue
          yield* enqueue(target(1), "queued", "created")
          yield* claim(wish())
          set(days(3))
          yield* TestClock.adjust("59 seconds")
          expect(yield* recover).toBe(0)
          yield* TestClock.adjust("1 second")
          expect(yield* recover).toBe(1)
        }),
      ).pipe(Effect.provide(Layer.fresh(queue))),
    )

    it.scoped("back lets go on at once what was put off, and no target wait longer than it had to", () =>
      withSetClock((set) =>
        Effect.gen(function* () {
          const { claim, enqueue, oldestUnclaimed, pauseTarget, release } = yield* SyncQueue
          yield* TestClock.adjust("100 days")
          const now = days(100)
          yield* enqueue(target(1), "queued", "created")
          yield* enqueue(target(2, "SCOPE_02"), "queued", "created")
          const held = Option.getOrThrow(yield* claim(wish()))
          yield* release(held, "queued", { notBefore: now + 7_200_000 })
          yield* pauseTarget({ equipmentId: "SCOPE_02", reason: "away", since: now, until: now + 60_000 })
          const claimed = Effect.scoped(
            Effect.map(
              claim(wish()),
              Option.map(({ job }) => job.path),
            ),
          )
          expect(yield* claimed).toEqual(Option.none())
          expect(yield* oldestUnclaimed).toEqual(Option.none())
          set(-days(3))
          expect(Option.isSome(yield* oldestUnclaimed)).toBe(true)
          const one = Option.getOrThrow(yield* claim(wish()))
          const two = Option.getOrThrow(yield* claim(wish()))
          expect([one.job.path, two.job.path]).toEqual([target(1).path, target(2).path])
          // Put off anew, it waits by the clock as it is.
          yield* release(one, "queued", { notBefore: now - days(3) + 1000 })
          expect(yield* claimed).toEqual(Option.none())
          yield* TestClock.adjust("1 second")
          expect(yield* claimed).toEqual(Option.some(target(1).path))
        }),
      ).pipe(Effect.provide(Layer.fresh(queue))),
    )
  })
}
