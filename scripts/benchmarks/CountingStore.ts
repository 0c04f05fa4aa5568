import { Context, Data, Deferred, Effect, Layer } from "effect"
import { isTerminal, type SessionState } from "../../src/domain/SessionState.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"

/** A session ended otherwise than with success: nothing is measured of such ones. */
export class SessionLost extends Data.TaggedError("SessionLost")<{ readonly state: SessionState }> {
  override get message(): string {
    return `a session came to ${this.state}`
  }
}

interface Goal {
  readonly state: SessionState
  readonly times: number
  readonly reached: Deferred.Deferred<void, SessionLost>
}

/** Counts how often sessions entered a state, since the store was made. */
export class Milestones extends Context.Tag("bench/Milestones")<
  Milestones,
  {
    readonly count: (state: SessionState) => Effect.Effect<number>
    /** Waits until a state was entered so often. */
    readonly reached: (state: SessionState, times: number) => Effect.Effect<void, SessionLost>
  }
>() {}

/** The store below it, with milestones. */
export const layer: Layer.Layer<SessionStore | Milestones, never, SessionStore> = Layer.effectContext(
  Effect.map(SessionStore, (store) => {
    const counts = new Map<SessionState, number>()
    const goals = new Set<Goal>()
    const countOf = (state: SessionState): number => counts.get(state) ?? 0

    const enter = (state: SessionState) => {
      counts.set(state, countOf(state) + 1)
      const lost = isTerminal(state) && state !== "done"
      for (const goal of goals) {
        const reached = goal.state === state && countOf(state) >= goal.times
        if (!reached && !lost) continue
        goals.delete(goal)
        Deferred.unsafeDone(goal.reached, lost ? new SessionLost({ state }) : Effect.void)
      }
    }

    const counting = SessionStore.of({
      ...store,
      transition: (id, change) =>
        Effect.tap(store.transition(id, change), () => Effect.sync(() => enter(change.to))),
    })
    return Context.make(SessionStore, counting).pipe(
      Context.add(Milestones, {
        count: (state) => Effect.sync(() => countOf(state)),
        reached: (state, times) =>
          Effect.gen(function* () {
            if (countOf(state) >= times) return
            const reached = yield* Deferred.make<void, SessionLost>()
            goals.add({ state, times, reached })
            yield* Deferred.await(reached)
          }),
      }),
    )
  }),
)
