import type { HttpClient } from "@effect/platform"
import { type Duration, Effect, Option, Ref, Schedule, Stream } from "effect"
import type { ProblemsFrame } from "../domain/FindingsDelta.ts"
import type { SessionId } from "../domain/Session.ts"
import { isTerminalEvent, type SessionEvent } from "../domain/SessionEvent.ts"
import { ConnectionBroken, EventsLost, ProblemsLost } from "./ClientErrors.ts"
import { connect, type EventsRefused, problemFrames, sessionEvents } from "./connection.ts"

/** A connection that lasted for so long was a sound one: the next failure is a new one. */
const sound = "5 seconds"

const backoff = (giveUpAfter: Duration.DurationInput) =>
  Schedule.exponential("250 millis").pipe(
    Schedule.union(Schedule.spaced("10 seconds")),
    Schedule.jittered,
    Schedule.upTo(giveUpAfter),
    Schedule.whileInput((error: EventsRefused | ConnectionBroken) => error instanceof ConnectionBroken),
  )

/** What is new of it; what was seen is dropped, and what would leave a gap breaks the connection. */
const accept =
  (last: Ref.Ref<number>) =>
  (event: SessionEvent): Effect.Effect<Option.Option<SessionEvent>, ConnectionBroken> =>
    Effect.flatMap(Ref.get(last), (seen): Effect.Effect<Option.Option<SessionEvent>, ConnectionBroken> => {
      if (event.kind === "progress")
        return Effect.succeed(Option.liftPredicate(event, () => event.seq >= seen))
      if (event.seq <= seen) return Effect.succeedNone
      return event.seq === seen + 1
        ? Effect.as(Ref.set(last, event.seq), Option.some(event))
        : new ConnectionBroken({ reason: `event ${event.seq} came after ${seen}` })
    })

const lost = (id: SessionId, last: Ref.Ref<number>, error: EventsRefused | ConnectionBroken) =>
  Effect.flatMap(Ref.get(last), (after): Effect.Effect<never, EventsRefused | EventsLost> =>
    error instanceof ConnectionBroken
      ? new EventsLost({ sessionId: id, after, reason: error.reason })
      : Effect.fail(error),
  )

export interface FollowOptions {
  readonly after: number
  readonly giveUpAfter: Duration.DurationInput
}

/** A session's events after a number until the terminal one, over as many connections as it takes. */
export const follow = (
  http: HttpClient.HttpClient,
  id: SessionId,
  { after, giveUpAfter }: FollowOptions,
): Stream.Stream<SessionEvent, EventsRefused | EventsLost> =>
  Stream.unwrap(
    Effect.map(Ref.make(after), (last) => {
      const connection = Stream.unwrap(
        Effect.map(Ref.get(last), (seen) => connect(http, sessionEvents(id, seen))),
      )
      const accepted = Stream.mapEffect(connection, accept(last))
      const soundness = Stream.fromEffect(Effect.as(Effect.sleep(sound), Option.none<SessionEvent>()))
      return Stream.merge(accepted, soundness, { haltStrategy: "left" }).pipe(
        // Whatever comes starts the schedule anew.
        Stream.retry(backoff(giveUpAfter)),
        Stream.filterMap((event) => event),
        Stream.takeUntil(isTerminalEvent),
        Stream.catchAll((error) => Stream.fromEffect(lost(id, last, error))),
      )
    }),
  )

/** The list of problems and how it changes, without an end: each new connection begins with a snapshot. */
export const followProblems = (
  http: HttpClient.HttpClient,
  giveUpAfter: Duration.DurationInput,
): Stream.Stream<ProblemsFrame, EventsRefused | ProblemsLost> =>
  connect(http, problemFrames).pipe(
    Stream.retry(backoff(giveUpAfter)),
    Stream.mapError((error) =>
      error instanceof ConnectionBroken ? new ProblemsLost({ reason: error.reason }) : error,
    ),
  )
