import { Deferred, type Duration, Effect, FiberId, Option } from "effect"

type Turn = Deferred.Deferred<void>

/** What `Effect.uninterruptibleMask` hands out: makes the waiting in an acquisition interruptible. */
export type Restore = <A, E, R>(waiting: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * First come, first served, one holder for each key. A waiter that gives up, also in the very moment its
 * turn comes, keeps nobody waiting.
 */
export interface WaitingLine {
  /** To be run in an uninterruptible region. False when it didn't become this caller's turn within `patience`. */
  readonly enter: (key: string, patience: Duration.Duration, restore: Restore) => Effect.Effect<boolean>
  /** True when nobody held the key; it is the caller's then. */
  readonly enterNow: (key: string) => Effect.Effect<boolean>
  readonly leave: (key: string) => Effect.Effect<void>
}

export const make: Effect.Effect<WaitingLine> = Effect.sync(() => {
  /** A key that is here is held; its set are those who wait, in order. */
  const lines = new Map<string, Set<Turn>>()

  const takeFree = (key: string): boolean => {
    if (lines.has(key)) return false
    lines.set(key, new Set())
    return true
  }

  const passOn = (key: string): void => {
    const line = lines.get(key)
    for (const next of line ?? []) {
      line?.delete(next)
      return Deferred.unsafeDone(next, Effect.void)
    }
    lines.delete(key)
  }

  /** Whoever is no longer in the line has been given the turn, and passes it on. */
  const giveUp = (key: string, turn: Turn): Effect.Effect<void> =>
    Effect.sync(() => {
      if (lines.get(key)?.delete(turn) !== true) passOn(key)
    })

  const wait = (key: string, patience: Duration.Duration, restore: Restore): Effect.Effect<boolean> => {
    const turn = Deferred.unsafeMake<void>(FiberId.none)
    lines.get(key)?.add(turn)
    return restore(Effect.timeoutOption(Deferred.await(turn), patience)).pipe(
      Effect.onError(() => giveUp(key, turn)),
      Effect.tap((came) => (Option.isNone(came) ? giveUp(key, turn) : Effect.void)),
      Effect.map(Option.isSome),
    )
  }

  return {
    enter: (key, patience, restore) =>
      Effect.suspend(() => (takeFree(key) ? Effect.succeed(true) : wait(key, patience, restore))),
    enterNow: (key) => Effect.sync(() => takeFree(key)),
    leave: (key) => Effect.sync(() => passOn(key)),
  }
})
