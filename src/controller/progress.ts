import { Clock, Effect, Ref } from "effect"
import type { SessionId } from "../domain/Session.ts"
import type { SessionStore } from "../ports/SessionStore.ts"

const intervalMillis = 100

/** Tells how far a step is: at most once in 100 ms, and always its end. */
export const makeProgress = (store: SessionStore["Type"], id: SessionId) =>
  Effect.map(
    Ref.make(Number.NEGATIVE_INFINITY),
    (lastAt) => (current: number, total: number, detail: string) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.flatMap(
          Ref.modify(lastAt, (before): readonly [boolean, number] =>
            current >= total || now - before >= intervalMillis ? [true, now] : [false, before],
          ),
          (due) => (due ? store.emit(id, { kind: "progress", current, total, detail }) : Effect.void),
        ),
      ),
  )
