import { expect, it } from "@effect/vitest"
import { Chunk, Context, Effect, Fiber, Layer, Option, TestClock, TestServices } from "effect"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { target, wish } from "../../../contract/syncQueue.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { ownerIn } from "./support.ts"

const owner = (root: string) =>
  Effect.map(Layer.build(Layer.fresh(ownerIn(root))), (context) => Context.get(context, SyncQueue))

const owners = Effect.gen(function* () {
  const root = yield* temporaryDirectory
  return [yield* owner(root), yield* owner(root)] as const
})

const look = (queue: typeof SyncQueue.Service) =>
  Effect.map(Effect.scoped(queue.claim(wish())), (claim) => expect(claim).toEqual(Option.none()))

/** Who waits for the clock does so after work on files, which takes its own time. */
const somebodySleeps: Effect.Effect<void> = Effect.flatMap(TestClock.sleeps(), (sleeps) =>
  Chunk.isEmpty(sleeps)
    ? Effect.zipRight(TestServices.provideLive(Effect.sleep("10 millis")), somebodySleeps)
    : Effect.void,
)

it.scoped("what another owner enqueues before this one waits for the first time wakes it", () =>
  Effect.gen(function* () {
    const [one, other] = yield* owners
    yield* look(one)
    yield* other.enqueue(target(1), "queued", "created")
    yield* one.awaitWork
  }),
)

it.scoped("what another owner enqueues while this one waits wakes all that wait, within 2 seconds", () =>
  Effect.gen(function* () {
    const [one, other] = yield* owners
    const waiting = yield* Effect.replicateEffect(Effect.fork(Effect.zipRight(look(one), one.awaitWork)), 3)
    yield* somebodySleeps
    yield* TestClock.adjust("10 seconds")
    yield* other.enqueue(target(1), "queued", "created")
    yield* TestClock.adjust("2 seconds")
    yield* Effect.forEach(waiting, Fiber.join)
  }),
)

it.scoped("a job that another owner still holds on to is looked at again, though nothing changes", () =>
  Effect.gen(function* () {
    const [one, other] = yield* owners
    yield* other.enqueue(target(1), "queued", "created")
    yield* other.claim(wish())
    yield* TestClock.adjust("1 minute")
    expect(yield* one.recover).toBe(1)
    yield* look(one)
    const fiber = yield* Effect.fork(Effect.zipRight(look(one), one.awaitWork))
    yield* somebodySleeps
    yield* TestClock.adjust("2 seconds")
    yield* Fiber.join(fiber)
  }),
)
