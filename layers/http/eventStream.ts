import { HttpServerResponse, Socket } from "@effect/platform"
import type { HttpServerRequest } from "@effect/platform"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect, Stream } from "effect"
import type { SessionId } from "../../src/domain/Session.ts"
import { Attendance } from "./Attendance.ts"
import type { Frame } from "./eventFrames.ts"
import { checkHandshake } from "./handshake.ts"
import { readerOf } from "./Reader.ts"

const utf8 = new TextEncoder()
/** At once, so that the head of the answer is sent. */
const opening = Stream.succeed(utf8.encode(": open\n\n"))
/** Between two events: each is written whole. */
const stillHere = utf8.encode(": still here\n\n")

/** Server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html */
const serverSentEvents = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  session: SessionId | null,
  frames: Stream.Stream<Frame>,
) {
  const { join } = yield* Attendance
  const answer = NodeHttpServerRequest.toServerResponse(request)
  const comment = (): void => {
    if (answer.headersSent && !answer.writableEnded && !answer.writableNeedDrain) answer.write(stillHere)
  }
  yield* join({ session, reader: readerOf(request), comment })
  const body = Stream.concat(
    opening,
    Stream.map(frames, ({ bytes }) => bytes),
  )
  return HttpServerResponse.stream(body, {
    contentType: "text/event-stream; charset=utf-8",
    headers: { "cache-control": "no-cache, no-store, no-transform", "x-accel-buffering": "no" },
  })
})

/** The same frames, one a message. */
const webSocket = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  session: SessionId | null,
  frames: Stream.Stream<Frame>,
) {
  yield* checkHandshake(request.headers)
  const { join } = yield* Attendance
  const socket = yield* Effect.orDie(request.upgrade)
  const write = yield* socket.writer
  const reader = readerOf(request)
  yield* join({ session, reader, comment: () => {} })
  const send = Stream.runForEach(frames, ({ data }) => Effect.zipRight(write(data), reader.drained))
  // Whoever follows closes the connection after the last frame; what it sends itself is of no interest.
  const follow = Effect.raceFirst(
    socket.runRaw(() => {}, { onOpen: reader.limitReceived }),
    Effect.zipRight(send, Effect.zipRight(write(new Socket.CloseEvent(1000)), Effect.never)),
  ).pipe(Effect.catchAll((gone) => Effect.logDebug("a WebSocket broke off", gone)))
  // A connection that goes while it is taken over is never heard of again.
  yield* Effect.raceFirst(Effect.disconnect(follow), reader.ended)
  return HttpServerResponse.empty()
})

/** Frames in the way that the request asks for. A session hears of its followers. */
export const followed = (
  request: HttpServerRequest.HttpServerRequest,
  session: SessionId | null,
  frames: Stream.Stream<Frame>,
) =>
  request.headers["upgrade"]?.toLowerCase() === "websocket"
    ? webSocket(request, session, frames)
    : serverSentEvents(request, session, frames)
