import { Deferred, Effect, Exit, FiberId } from "effect"

/** Work by key that is done once for all who want it at the same time. */
export interface SharedWork<A, E> {
  /**
   * Does the work, or waits for whoever is doing it and takes its result. When that one is interrupted, one
   * of those who wait begins anew.
   */
  readonly share: <R>(key: string, work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const make = <A, E>(): SharedWork<A, E> => {
  const underway = new Map<string, Deferred.Deferred<Exit.Exit<A, E>>>()

  const begin = <R>(key: string, work: Effect.Effect<A, E, R>) => {
    const outcome = Deferred.unsafeMake<Exit.Exit<A, E>>(FiberId.none)
    underway.set(key, outcome)
    return Effect.onExit(work, (exit) => {
      underway.delete(key)
      return Deferred.succeed(outcome, exit)
    })
  }

  const share = <R>(key: string, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.uninterruptibleMask((restore) => {
      const outcome = underway.get(key)
      return outcome === undefined
        ? begin(key, restore(work))
        : Effect.flatMap(restore(Deferred.await(outcome)), (exit) =>
            Exit.isInterrupted(exit) ? restore(share(key, work)) : exit,
          )
    })

  return { share }
}
