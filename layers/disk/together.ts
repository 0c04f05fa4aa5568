import { Array, Effect } from "effect"

/** As many as Node's pool of threads works on unless it is told otherwise: more would wait there. */
const atATime = 4

/**
 * Does something with every item, some at a time; results are in the order of the items. A few fibers share
 * the items: one for each would cost more than most operations on files do.
 */
export const together = <A, B, E, R>(
  items: ReadonlyArray<A>,
  operation: (item: A) => Effect.Effect<B, E, R>,
): Effect.Effect<ReadonlyArray<B>, E, R> =>
  Effect.suspend(() => {
    const waiting = items.entries()
    const results: Array<B> = []
    const work: Effect.Effect<void, E, R> = Effect.suspend(() => {
      const next = waiting.next()
      if (next.done === true) return Effect.void
      const [index, item] = next.value
      return Effect.flatMap(operation(item), (result) => {
        results[index] = result
        return work
      })
    })
    const workers = Math.min(atATime, items.length)
    return Effect.as(
      Effect.forEach(
        Array.makeBy(workers, () => work),
        (worker) => worker,
        { concurrency: workers, discard: true },
      ),
      results,
    )
  })
