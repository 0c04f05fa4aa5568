import { HttpServerResponse, Socket } from "@effect/platform"
import type { HttpServerRequest } from "@effect/platform"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect, Stream } from "effect"
import type { SessionId } from "../../src/domain/Session.ts"
import { Attendance } from "./Attendance.ts"
import { eventFrames } from "./eventFrames.ts"
import { checkHandshake } from "./handshake.ts"
import { readerOf } from "./Reader.ts"

const utf8 = new TextEncoder()
/** At once, so that the head of the answer is sent. */
const opening = Stream.succeed(utf8.encode(": open\n\n"))
/** Between two events: each is written whole. */
const stillHere = utf8.encode(": still here\n\n")

/** Server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const serverSentEvents = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  id: SessionId,
  after: number,
) {
  const { join } = yield* Attendance
  const answer = NodeHttpServerRequest.toServerResponse(request)
  const comment = (): void => {
    if (answer.headersSent && !answer.writableEnded && !answer.writableNeedDrain) answer.write(stillHere)
  }
  yield* join({ id, reader: readerOf(request), comment })
  const frames = Stream.map(yield* eventFrames(id, after), ({ bytes }) => bytes)
  return HttpServerResponse.stream(Stream.concat(opening, frames), {
    contentType: "text/event-stream; charset=utf-8",
    headers: { "cache-control": "no-cache, no-store, no-transform", "x-accel-buffering": "no" },
  })
})

/** The same frames, one a message. */
export const webSocket = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  id: SessionId,
  after: number,
) {
  yield* checkHandshake(request.headers)
  const { join } = yield* Attendance
  const socket = yield* Effect.orDie(request.upgrade)
  const write = yield* socket.writer
  const reader = readerOf(request)
  yield* join({ id, reader, comment: () => {} })
  const send = Stream.runForEach(yield* eventFrames(id, after), ({ data }) =>
    Effect.zipRight(write(data), reader.drained),
  )
  // Whoever follows closes the connection after the last frame; what it sends itself is of no interest.
  const follow = Effect.raceFirst(
    socket.runRaw(() => {}, { onOpen: reader.limitReceived }),
    Effect.zipRight(send, Effect.zipRight(write(new Socket.CloseEvent(1000)), Effect.never)),
  ).pipe(Effect.catchAll((gone) => Effect.logDebug("a WebSocket broke off", gone)))
  // A connection that goes while it is taken over is never heard of again.
  yield* Effect.raceFirst(Effect.disconnect(follow), reader.ended)
  return HttpServerResponse.empty()
})
