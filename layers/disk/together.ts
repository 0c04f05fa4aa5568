import { type Cause, Effect, Fiber } from "effect"

/** As many as Node's pool of threads works on unless it is told otherwise: more would wait there. */
const atATime = 4

/** Runs an effect here and so many times besides, until all are over; one that isn't whole ends the others. */
const besides = Effect.fnUntraced(function* <R>(times: number, sharing: Effect.Effect<boolean, never, R>) {
  const others: Array<Fiber.Fiber<boolean>> = []
  while (others.length < times) others.push(yield* Effect.fork(sharing))
  const whole = yield* sharing
  if (!whole) yield* Fiber.interruptAll(others)
  for (const other of others) yield* Fiber.await(other)
})

/**
 * Does something with every item, some at a time; results are in the order of the items. A few fibers share
 * the items, this one among them: one for each would cost more than most operations on files do. After a
 * failure no item is begun any more, and those under way are waited for.
 */
export const together = <A, B, E, R>(
  items: ReadonlyArray<A>,
  operation: (item: A) => Effect.Effect<B, E, R>,
): Effect.Effect<ReadonlyArray<B>, E, R> =>
  Effect.suspend(() => {
    const results: Array<B> = []
    const waiting = items.entries()
    let failure: Cause.Cause<E> | null = null
    const share: Effect.Effect<void, E, R> = Effect.suspend(() => {
      const next = waiting.next()
      if (failure !== null || next.done === true) return Effect.void
      const [index, item] = next.value
      return Effect.flatMap(operation(item), (result) => {
        results[index] = result
        return share
      })
    })
    if (items.length < 2) return Effect.as(share, results)
    return Effect.uninterruptibleMask((restore) => {
      // Whatever ends one of the fibers ends all: an interruption from outside, too.
      const sharing = Effect.matchCause(restore(share), {
        onSuccess: () => true,
        onFailure: (cause) => {
          failure ??= cause
          return false
        },
      })
      return Effect.flatMap(besides(Math.min(atATime, items.length) - 1, sharing), () =>
        failure === null ? Effect.succeed(results) : Effect.failCause(failure),
      )
    })
  })
