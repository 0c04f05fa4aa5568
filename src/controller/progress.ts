import { Clock, Effect, Ref } from "effect"
import type { SessionId } from "../domain/Session.ts"
import type { SessionStore } from "../ports/SessionStore.ts"

const intervalMillis = 100

/** Says how far something is: `current` of `total`, at work on `detail`. */
export type Report = (current: number, total: number, detail: string) => Effect.Effect<void>

/** At most once in 100 ms, and always the end. */
export const atIntervals = (report: Report): Effect.Effect<Report> =>
  Effect.map(
    Ref.make(Number.NEGATIVE_INFINITY),
    (lastAt): Report =>
      (current, total, detail) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.flatMap(
            Ref.modify(lastAt, (before): readonly [boolean, number] =>
              current >= total || now - before >= intervalMillis ? [true, now] : [false, before],
            ),
            (due) => (due ? report(current, total, detail) : Effect.void),
          ),
        ),
  )

/** Tells how far a step is. */
export const makeProgress = (store: SessionStore["Type"], id: SessionId): Effect.Effect<Report> =>
  atIntervals((current, total, detail) => store.emit(id, { kind: "progress", current, total, detail }))
