import { NodeRuntime } from "@effect/platform-node"
import { Effect, Exit, Logger, LogLevel, Option, Queue, Scope } from "effect"
import {
  type Claim,
  type LeaseLost,
  type QueueUnavailable,
  SyncQueue,
} from "../../../../../src/ports/SyncQueue.ts"
import { target, wish } from "../../../../contract/syncQueue.ts"
import { ownerIn } from "../support.ts"

/**
 * `drain`: works off the queue and names each job that is done. `steps`: the same with a job for each word that it is
 * told. `enqueue`: names each job that is in the queue.
 * `obey`: does with one job what it is told, a word at a time.
 */
const [stateDir = "", mode = "", lease = "60"] = process.argv.slice(2)

const say = (word: string) => Effect.sync(() => process.send?.(word))

const workOn = (claim: Claim) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const running = yield* queue.move(claim, "running", { attempt: claim.job.attempt + 1 })
    const there = yield* queue.move(running, "awaiting_verify")
    yield* queue.release(there, "verified")
    yield* say(claim.job.path)
  })

type Trouble = LeaseLost | QueueUnavailable

/** Works on the next job; false when there is none. */
const step = Effect.flatMap(SyncQueue, (queue) =>
  Effect.scoped(
    Effect.tap(queue.claim(wish({ states: ["queued", "awaiting_verify"] })), (claim) =>
      Option.match(claim, { onNone: () => Effect.void, onSome: workOn }),
    ),
  ).pipe(Effect.map(Option.isSome)),
)

const drain: Effect.Effect<void, Trouble, SyncQueue> = Effect.flatMap(step, (worked) =>
  worked ? drain : say("empty"),
)

const enqueue = (n: number): Effect.Effect<never, QueueUnavailable, SyncQueue> =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    yield* queue.enqueue(target(process.pid * 100_000 + n), "queued", "created")
    const { path } = yield* queue.enqueue(target(n), "queued", "created")
    yield* say(path)
    return yield* enqueue(n + 1)
  })

const obey = (words: Queue.Dequeue<unknown>, scope: Scope.CloseableScope) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    let claim: Option.Option<Claim> = Option.none()
    while (true) {
      const word = yield* Queue.take(words)
      if (word === "close") yield* Scope.close(scope, Exit.void)
      else if (word === "claim") claim = yield* Scope.extend(queue.claim(wish()), scope)
      else if (Option.isSome(claim)) {
        const held = claim.value
        const done = word === "renew" ? queue.renew(held) : Effect.asVoid(queue.move(held, "running"))
        yield* Effect.catchAll(done, ({ _tag }) => say(_tag))
      }
      yield* say(Option.isNone(claim) ? "nothing" : "done")
    }
  })

const program = Effect.gen(function* () {
  const words = yield* Queue.unbounded<unknown>()
  process.on("message", (word) => Queue.unsafeOffer(words, word))
  yield* Effect.zipRight(SyncQueue, say("ready"))
  if (mode === "steps") return yield* Effect.forever(Effect.zipRight(Queue.take(words), step))
  if (mode === "obey") return yield* obey(words, yield* Scope.make())
  yield* Queue.take(words)
  return yield* mode === "drain" ? drain : enqueue(1)
})

NodeRuntime.runMain(
  program.pipe(
    Effect.provide(ownerIn(stateDir, Number(lease))),
    Logger.withMinimumLogLevel(LogLevel.None),
    Effect.ensuring(Effect.sync(() => process.disconnect())),
  ),
)
