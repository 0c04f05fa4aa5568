import { HttpServerResponse, Socket } from "@effect/platform"
import type { HttpServerRequest } from "@effect/platform"
import { Effect, Metric, Schedule, Schema, Stream, SubscriptionRef } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import { internalError } from "../../src/domain/Errors.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { checkHandshake } from "./handshake.ts"
import { Draining } from "./Draining.ts"
import { readerOf } from "./Reader.ts"
import { TraceId } from "./TraceId.ts"

const heartbeatEvery = "15 seconds"

const subscribers = Metric.gauge("exlab_event_subscribers", {
  description: "Streams of events that are open.",
  bigint: false,
})

const encode = Schema.encode(Schema.parseJson(SessionEvent))

interface Frame {
  readonly event: string
  /** Null: not numbered. */
  readonly id: number | null
  readonly data: string
}

const frameOf = (event: SessionEvent): Effect.Effect<Frame> =>
  encode(event).pipe(
    Effect.map((data) => ({ event: event.kind, id: event.kind === "progress" ? null : event.seq, data })),
    Effect.orDie,
  )

/** What broke a stream is told in it: without, it would look as if it had come to its end. */
const brokenFrame = Effect.map(TraceId, (traceId): Frame => {
  const { code, message } = internalError()
  return { event: "error", id: null, data: JSON.stringify({ code, message, trace_id: traceId }) }
})

/** A session's frames until its end, or the service's. */
const frames = Effect.fnUntraced(function* (id: SessionId, after: number) {
  const controller = yield* CreationController
  const { streamsEnd } = yield* Draining
  return controller.subscribe(id, { after }).pipe(
    Stream.rechunk(1),
    Stream.mapEffect(frameOf),
    Stream.interruptWhenDeferred(streamsEnd),
    Stream.catchAllCause((cause) =>
      Stream.fromEffect(Effect.zipRight(Effect.logError("a stream of events broke", cause), brokenFrame)),
    ),
  )
})

/** While somebody follows: the client's sign of life, the figure, and the look at whether it reads. */
const attend = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest, id: SessionId) {
  const controller = yield* CreationController
  const { openStreams } = yield* Draining
  const change = (by: 1 | -1) =>
    Effect.flatMap(
      SubscriptionRef.updateAndGet(openStreams, (open) => open + by),
      (open) => Metric.set(subscribers, open),
    )
  yield* Effect.acquireRelease(change(1), () => change(-1))
  yield* Effect.forkScoped(
    Effect.repeat(controller.heartbeat(id), { schedule: Schedule.spaced(heartbeatEvery) }),
  )
  yield* Effect.forkScoped(readerOf(request).watch)
})

const eventText = ({ data, event, id }: Frame): string =>
  `${id === null ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`

/** At once, so that the head of the answer is sent, then to keep the line open. */
const comments = Stream.concat(
  Stream.succeed(": open\n\n"),
  Stream.repeatEffect(Effect.delay(Effect.succeed(": still here\n\n"), heartbeatEvery)),
)

/** Server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const serverSentEvents = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  id: SessionId,
  after: number,
) {
  yield* attend(request, id)
  const texts = Stream.map(yield* frames(id, after), eventText)
  return HttpServerResponse.stream(
    Stream.encodeText(Stream.merge(texts, comments, { haltStrategy: "left" })),
    {
      contentType: "text/event-stream; charset=utf-8",
      headers: { "cache-control": "no-cache, no-store, no-transform", "x-accel-buffering": "no" },
    },
  )
})

/** The same frames, one a message. */
export const webSocket = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  id: SessionId,
  after: number,
) {
  yield* checkHandshake(request.headers)
  const socket = yield* Effect.orDie(request.upgrade)
  const write = yield* socket.writer
  yield* attend(request, id)
  const { drained, ended } = readerOf(request)
  const send = Stream.runForEach(yield* frames(id, after), ({ data }) =>
    Effect.zipRight(write(data), drained),
  )
  // Whoever follows closes the connection after the last frame; what it sends itself is of no interest.
  const follow = Effect.raceFirst(
    socket.runRaw(() => {}),
    Effect.zipRight(send, Effect.zipRight(write(new Socket.CloseEvent(1000)), Effect.never)),
  ).pipe(Effect.catchAll((gone) => Effect.logDebug("a WebSocket broke off", gone)))
  // A connection that goes while it is taken over is never heard of again.
  yield* Effect.raceFirst(Effect.disconnect(follow), ended)
  return HttpServerResponse.empty()
})
