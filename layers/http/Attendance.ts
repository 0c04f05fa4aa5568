import { Context, Effect, Layer, Metric, Ref, Schedule, type Scope, SubscriptionRef } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import { Draining } from "./Draining.ts"
import { isGone, type Look, look, type Reader, unseen } from "./Reader.ts"

const subscribers = Metric.gauge("exlab_event_subscribers", {
  description: "Streams of events that are open.",
  bigint: false,
})

const roundEvery = "5 seconds"
/** Every so many rounds a line is kept open, and its session hears of a sign of life: 15 seconds. */
const roundsToComment = 3

/** Who follows a session, or something that isn't one. */
export interface Follower {
  readonly session: SessionId | null
  readonly reader: Reader
  /** Says something that is no event, so that nobody takes the line for a dead one. */
  readonly comment: () => void
}

interface Attended extends Follower {
  readonly seen: Ref.Ref<Look>
}

/** Ends the connection of a reader who doesn't read. */
const check = ({ reader, seen }: Attended) =>
  Effect.gen(function* () {
    if (!isGone(yield* Ref.updateAndGet(seen, (before) => look(before, reader)), reader)) return
    yield* Effect.logInfo("a reader who doesn't read was cut off")
    reader.cutOff()
  })

/** Looks after all open streams in one fiber: readers come in thousands. */
export class Attendance extends Context.Tag("exlab-wizard/Attendance")<
  Attendance,
  { readonly join: (follower: Follower) => Effect.Effect<void, never, Scope.Scope> }
>() {
  static readonly layer = Layer.scoped(
    Attendance,
    Effect.gen(function* () {
      const { heartbeat } = yield* CreationController
      const { openStreams } = yield* Draining
      const all = new Set<Attended>()

      const signsOfLife = Effect.suspend(() => {
        for (const { comment } of all) comment()
        const followed = new Set([...all].flatMap(({ session }) => (session === null ? [] : [session])))
        return Effect.forEach(followed, heartbeat, { discard: true })
      })
      const round = (n: number) =>
        Effect.zipRight(
          Effect.forEach([...all], check, { discard: true }),
          n % roundsToComment === 0 ? signsOfLife : Effect.void,
        )
      const rounds = yield* Ref.make(0)
      yield* Effect.forkScoped(
        Effect.repeat(
          Effect.flatMap(
            Ref.getAndUpdate(rounds, (n) => n + 1),
            round,
          ),
          Schedule.spaced(roundEvery),
        ),
      )

      const count = Effect.flatMap(
        Effect.suspend(() => SubscriptionRef.updateAndGet(openStreams, () => all.size)),
        (open) => Metric.set(subscribers, open),
      )
      const enter = (attended: Attended) =>
        Effect.zipRight(
          Effect.sync(() => all.add(attended)),
          count,
        )
      const leave = (attended: Attended) =>
        Effect.zipRight(
          Effect.sync(() => all.delete(attended)),
          count,
        )
      const join = Effect.fnUntraced(function* (follower: Follower) {
        const attended = { ...follower, seen: yield* Ref.make(unseen) }
        yield* Effect.acquireRelease(enter(attended), () => leave(attended))
        if (follower.session !== null) yield* heartbeat(follower.session)
      })
      return Attendance.of({ join })
    }),
  )
}
