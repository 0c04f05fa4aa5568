import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import { SessionHandle } from "../../src/domain/Session.ts"
import { type Creation, creationOf } from "./creationBody.ts"
import { envelopeResponse } from "./envelopes.ts"
import { readJson } from "./requestBody.ts"
import { TraceId } from "./TraceId.ts"

const open = (creation: Creation) =>
  Effect.flatMap(CreationController, (controller) =>
    creation.kind === "project"
      ? controller.createProject(creation.request)
      : controller.createRun(creation.request),
  )

const respond = HttpServerResponse.schemaJson(SessionHandle)

const created = (handle: SessionHandle) =>
  Effect.orDie(
    respond(handle, { status: 201, headers: { location: `/api/v1/sessions/${handle.sessionId}` } }),
  )

/** What a session failed with; it stays readable under its id. */
const refused = Effect.fnUntraced(function* ({ sessionId }: SessionHandle) {
  const controller = yield* CreationController
  const { error } = yield* Effect.orDie(controller.status(sessionId))
  if (error === null) return yield* Effect.dieMessage(`session ${sessionId} failed without an error`)
  const details = { ...error.details, session_id: sessionId }
  return envelopeResponse({ ...error, details }, yield* TraceId)
})

/** Opens a session for the body as it is: the gate reports what is wrong with it. */
export const createSession = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
  const creation = yield* creationOf(yield* readJson(request))
  const handle = yield* open(creation)
  return handle.state === "failed" ? yield* refused(handle) : yield* created(handle)
})
