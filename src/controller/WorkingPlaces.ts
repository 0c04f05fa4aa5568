import { Deferred, Effect, Exit, FiberId, MutableList, type Scope } from "effect"

/** A place that a session holds while it works. */
export interface WorkingPlace {
  /**
   * Gives the place back while `effect` runs, which works on nothing, and takes one again after it,
   * before sessions that never had one.
   */
  readonly whileAway: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export interface WorkingPlaces {
  /** Waits for a place, interruptibly, and holds it until the scope closes. */
  readonly hold: Effect.Effect<WorkingPlace, never, Scope.Scope>
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

  private readonly ask = (kind: "resumed" | "fresh"): Waiter | null => {
    if (this.free > 0) {
      this.free -= 1
      return null
    }
    const waiter: Waiter = { latch: Deferred.unsafeMake(FiberId.none), state: "waiting" }
    MutableList.append(this[kind], waiter)
    return waiter
  }

  private readonly leave = (waiter: Waiter): void => {
    if (waiter.state === "served") this.give()
    else waiter.state = "gone"
  }

  /** `onTaken` runs in the same uninterruptible step as the taking. */
  readonly take = (kind: "resumed" | "fresh", onTaken: () => void): Effect.Effect<void> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        Effect.sync(() => this.ask(kind)),
        (waiter) =>
          waiter === null
            ? Effect.sync(onTaken)
            : restore(Deferred.await(waiter.latch)).pipe(
                Effect.onInterrupt(() => Effect.sync(() => this.leave(waiter))),
                Effect.zipRight(Effect.sync(onTaken)),
              ),
      ),
    )
}

export const make = (count: number): WorkingPlaces => {
  const places = new Places(Math.max(1, Math.trunc(count)))

  const hold = Effect.gen(function* () {
    let held = false
    const take = (kind: "resumed" | "fresh") =>
      places.take(kind, () => {
        held = true
      })
    const release = Effect.sync(() => {
      if (!held) return
      held = false
      places.give()
    })
    yield* Effect.addFinalizer(() => release)
    yield* take("fresh")
    const place: WorkingPlace = {
      whileAway: (effect) =>
        Effect.uninterruptibleMask((restore) =>
          release.pipe(Effect.zipRight(restore(effect)), Effect.zipLeft(restore(take("resumed")))),
        ),
    }
    return place
  })

  return { hold: Effect.withSpan(hold, "WorkingPlaces.hold") }
}
