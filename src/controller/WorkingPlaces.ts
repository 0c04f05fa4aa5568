import { Deferred, Effect, Exit, FiberId, MutableList, type Scope } from "effect"

/** Who goes first when a place comes free: sessions that had one before. */
export type Standing = "fresh" | "resumed"

export interface WorkingPlaces {
  /** Waits for a place, interruptibly, and holds it until the scope closes. */
  readonly hold: (standing: Standing) => Effect.Effect<void, never, Scope.Scope>
}

interface Waiter {
  readonly latch: Deferred.Deferred<void>
  state: "waiting" | "served" | "gone"
}

/**
 * A bounded number of working places. Each release wakes exactly one waiter, resumed sessions first: a
 * semaphore wakes all of them, which is quadratic when thousands wait. Every change of the state below is
 * one synchronous step, so that no place is lost or doubled.
 */
class Places {
  private free: number
  private readonly resumed = MutableList.empty<Waiter>()
  private readonly fresh = MutableList.empty<Waiter>()

  constructor(places: number) {
    this.free = places
  }

  private readonly nextWaiter = (): Waiter | undefined => {
    for (const waiting of [this.resumed, this.fresh]) {
      for (let next = MutableList.shift(waiting); next !== undefined; next = MutableList.shift(waiting)) {
        if (next.state === "waiting") return next
      }
    }
    return undefined
  }

  readonly give = (): void => {
    const next = this.nextWaiter()
    if (next === undefined) {
      this.free += 1
      return
    }
    next.state = "served"
    Deferred.unsafeDone(next.latch, Exit.void)
  }

  private readonly ask = (standing: Standing): Waiter | null => {
    if (this.free > 0) {
      this.free -= 1
      return null
    }
    const waiter: Waiter = { latch: Deferred.unsafeMake(FiberId.none), state: "waiting" }
    MutableList.append(this[standing], waiter)
    return waiter
  }

  private readonly leave = (waiter: Waiter): void => {
    if (waiter.state === "served") this.give()
    else waiter.state = "gone"
  }

  /** Taken and noted for the scope's end in one uninterruptible step; only the waiting can be interrupted. */
  readonly take = (standing: Standing): Effect.Effect<void, never, Scope.Scope> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        Effect.sync(() => this.ask(standing)),
        (waiter) =>
          waiter === null
            ? Effect.void
            : restore(Deferred.await(waiter.latch)).pipe(
                Effect.onInterrupt(() => Effect.sync(() => this.leave(waiter))),
              ),
      ).pipe(Effect.zipRight(Effect.addFinalizer(() => Effect.sync(this.give)))),
    )
}

export const make = (count: number): WorkingPlaces => {
  const places = new Places(Math.max(1, Math.trunc(count)))
  return { hold: places.take }
}
