import { Effect, Metric } from "effect"
import { SessionStore } from "../../src/ports/SessionStore.ts"

const sessions = Metric.gauge("exlab_sessions", { description: "Sessions that are remembered, by state." })

/** Sets the figure to what it is now. */
export const countSessions: Effect.Effect<void, never, SessionStore> = Effect.flatMap(SessionStore, (store) =>
  Effect.flatMap(store.counts, (counts) =>
    Effect.forEach(
      Object.entries(counts),
      ([state, count]) => Metric.set(Metric.tagged(sessions, "state", state), count),
      { discard: true },
    ),
  ),
)
