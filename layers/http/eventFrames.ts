import { Effect, Schema, Stream } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import { internalError } from "../../src/domain/Errors.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { TraceId } from "./TraceId.ts"

/** An event as it is sent. */
export interface Frame {
  /** JSON: what a message of a WebSocket is. */
  readonly data: string
  /** The same as a server-sent event. */
  readonly bytes: Uint8Array
}

const encode = Schema.encodeSync(Schema.parseJson(SessionEvent))
const utf8 = new TextEncoder()

export const frameOf = (event: string, id: number | null, data: string): Frame => ({
  data,
  bytes: utf8.encode(`${id === null ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`),
})

const known = new WeakMap<SessionEvent, Frame>()

/** Made once for all who follow a session. */
const eventFrame = (event: SessionEvent): Frame => {
  const before = known.get(event)
  if (before !== undefined) return before
  const frame = frameOf(event.kind, event.kind === "progress" ? null : event.seq, encode(event))
  known.set(event, frame)
  return frame
}

/** What broke a stream is told in it: without, it would look as if it had come to its end. */
const brokenFrame = Effect.map(TraceId, (traceId): Frame => {
  const { code, message } = internalError()
  return frameOf("error", null, JSON.stringify({ code, message, trace_id: traceId }))
})

export const tellingOfBreaks = <E>(frames: Stream.Stream<Frame, E>): Stream.Stream<Frame> =>
  Stream.catchAllCause(frames, (cause) =>
    Stream.fromEffect(Effect.zipRight(Effect.logError("a stream of events broke", cause), brokenFrame)),
  )

/** A session's frames after a number, until its end. */
export const eventFrames = (id: SessionId, after: number) =>
  Effect.map(CreationController, ({ subscribe }) =>
    subscribe(id, { after }).pipe(
      // One by one: who reads slowly is waited for after each.
      Stream.rechunk(1),
      Stream.map(eventFrame),
      tellingOfBreaks,
    ),
  )
