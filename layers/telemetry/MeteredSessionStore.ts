import { Clock, Effect, HashMap, Layer, Metric, MetricBoundaries, Option, Ref } from "effect"
import type { Session, SessionId } from "../../src/domain/Session.ts"
import { isTerminal, type SessionState } from "../../src/domain/SessionState.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"

const stepSeconds = Metric.histogram(
  "exlab_session_step_seconds",
  MetricBoundaries.exponential({ start: 0.001, factor: 4, count: 10 }),
  "How long sessions were in a state that they have left.",
)

const ended = Metric.counter("exlab_sessions_ended_total", {
  description: "Sessions that have ended, by how.",
  incremental: true,
})

interface Entered {
  readonly state: SessionState
  readonly atMillis: number
}

/** The time that each step takes, and how sessions end, as metrics. */
export const layer: Layer.Layer<SessionStore, never, SessionStore> = Layer.effect(
  SessionStore,
  Effect.gen(function* () {
    const store = yield* SessionStore
    const steps = yield* Ref.make(HashMap.empty<SessionId, Entered>())

    const enter = ({ sessionId, state }: Session, atMillis: number) =>
      Ref.modify(steps, (before) => [
        HashMap.get(before, sessionId),
        isTerminal(state)
          ? HashMap.remove(before, sessionId)
          : HashMap.set(before, sessionId, { state, atMillis }),
      ])

    const note = Effect.fnUntraced(function* (session: Session) {
      const now = yield* Clock.currentTimeMillis
      const left = yield* enter(session, now)
      if (Option.isSome(left)) {
        const { atMillis, state } = left.value
        yield* Effect.tagMetrics(Metric.update(stepSeconds, (now - atMillis) / 1000), "state", state)
      }
      if (isTerminal(session.state)) yield* Effect.tagMetrics(Metric.increment(ended), "state", session.state)
    })

    return SessionStore.of({
      ...store,
      transition: (id, change) => Effect.uninterruptible(Effect.tap(store.transition(id, change), note)),
    })
  }),
)
