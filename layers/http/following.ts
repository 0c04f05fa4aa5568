import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Option, Stream } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import { isTerminal } from "../../src/domain/SessionState.ts"
import { eventFrames } from "./eventFrames.ts"
import { followed } from "./eventStream.ts"

/** Whether there is nothing to come: the session has ended, and its last event was seen. */
const isOver = Effect.fnUntraced(function* (id: SessionId, after: number) {
  const controller = yield* CreationController
  const { state } = yield* controller.status(id)
  return isTerminal(state) && Option.isNone(yield* Stream.runHead(controller.subscribe(id, { after })))
})

/** A session's events after a number, in the way that the request asks for. */
export const followSession = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  id: SessionId,
  after: number,
) {
  if (yield* isOver(id, after)) return HttpServerResponse.empty({ status: 204 })
  return yield* followed(request, id, yield* eventFrames(id, after))
})
