import { Clock, Deferred, Duration, Effect, FiberId, FiberRef, Option, Ref } from "effect"
import type { JobTable } from "./JobTable.ts"

/** What a fiber has seen of the queue when it looked for work last. */
interface Look {
  readonly changes: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** There was a job whose lock somebody held: that is given back without a change in the table. */
  readonly blocked: boolean
}

interface News {
  readonly changes: number
  readonly latch: Deferred.Deferred<void>
}

const news = (changes: number): News => ({ changes, latch: Deferred.unsafeMake(FiberId.none) })

const pollMillis = 2000

/**
 * Wakes fibers that found nothing to do. Each remembers what it had seen before it looked: whatever changed
 * since then wakes it, also when that was before it began to wait.
 */
export interface Wakeups {
  /** Something changed in this process. */
  readonly notify: Effect.Effect<void>
  /** Marks what follows as this fiber's look. */
  readonly look: Effect.Effect<void>
  /** This fiber's look met a lock. */
  readonly blocked: Effect.Effect<void>
  readonly wait: Effect.Effect<void>
}

export const make = (table: JobTable): Effect.Effect<Wakeups> =>
  Effect.gen(function* () {
    const latest = yield* Ref.make(news(1))
    const foreign = yield* Ref.make<number | null>(null)
    const lastLook = FiberRef.unsafeMake<Look>({ changes: 0, at: 0, blocked: false })

    const notify = Effect.uninterruptible(
      Effect.flatMap(
        Ref.getAndUpdate(latest, ({ changes }) => news(changes + 1)),
        ({ latch }) => Deferred.succeed(latch, undefined),
      ),
    )

    const changedSince = (changes: number): Effect.Effect<void> =>
      Effect.flatMap(Ref.get(latest), (now) =>
        now.changes > changes
          ? Effect.void
          : Effect.zipRight(Deferred.await(now.latch), changedSince(changes)),
      )

    /** A change of another process is news to every fiber of this one, not only to that which polls first. */
    const hearOthers = Effect.gen(function* () {
      const version = yield* table.foreignChanges
      const before = yield* Ref.getAndSet(foreign, version)
      if (before !== null && before !== version) yield* notify
    })

    /** Others' changes are read before the look, too: from then on none goes unheard. */
    const look = Effect.gen(function* () {
      yield* Effect.ignore(hearOthers)
      const { changes } = yield* Ref.get(latest)
      yield* FiberRef.set(lastLook, { changes, at: yield* Clock.currentTimeMillis, blocked: false })
    })

    const poll = (seen: Look): Effect.Effect<void> =>
      Effect.gen(function* () {
        yield* Effect.ignore(hearOthers)
        const due = yield* Effect.orElseSucceed(table.nextDue(seen.at), Option.none<number>)
        const left = Option.getOrElse(due, () => Infinity) - (yield* Clock.currentTimeMillis)
        if (left <= 0) return
        yield* Effect.sleep(Duration.millis(Math.min(pollMillis, left)))
        if (!seen.blocked) yield* poll(seen)
      })

    const wait = Effect.gen(function* () {
      const seen = yield* FiberRef.get(lastLook)
      yield* Effect.raceFirst(changedSince(seen.changes), poll(seen))
      yield* look
    })

    return {
      notify,
      look,
      blocked: FiberRef.update(lastLook, (seen) => ({ ...seen, blocked: true })),
      wait,
    }
  })
