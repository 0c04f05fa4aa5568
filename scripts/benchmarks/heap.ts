import { Data, Effect } from "effect"

/** Without it nobody can tell what is kept from what is only not collected yet. */
export class NoCollector extends Data.TaggedError("NoCollector") {
  override get message(): string {
    return "memory can only be measured with node --expose-gc"
  }
}

/** Bytes of JavaScript objects that something still holds. */
export const heldBytes: Effect.Effect<number, NoCollector> = Effect.gen(function* () {
  const collect = globalThis.gc
  if (collect === undefined) return yield* new NoCollector()
  // What a finished task held is let go in the turn after it; weak references need a second collection.
  yield* Effect.promise(() => new Promise((done) => setTimeout(done, 50)))
  collect()
  collect()
  return process.memoryUsage().heapUsed
})

/** What an effect's result, and all that it left running, keeps on the heap. */
export const heldBy = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<{ readonly bytes: number; readonly result: A }, E | NoCollector, R> =>
  Effect.gen(function* () {
    const before = yield* heldBytes
    const result = yield* effect
    return { result, bytes: (yield* heldBytes) - before }
  })
