import type { HttpServerRequest } from "@effect/platform"
import { HttpServerResponse } from "@effect/platform"
import { Effect, Either } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import { Preview } from "../../src/domain/Preview.ts"
import { creationOf } from "./creationBody.ts"
import { envelopeResponse } from "./envelopes.ts"
import { readJson } from "./requestBody.ts"
import { TraceId } from "./TraceId.ts"

const respond = HttpServerResponse.schemaJson(Preview)

/** What the body would come to; the gate's refusals have any code that a session may fail with. */
export const previewCreation = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  text: string | undefined,
) {
  const controller = yield* CreationController
  const creation = yield* creationOf(yield* readJson(request))
  const seen = yield* Effect.either(controller.preview(creation, { text }))
  if (Either.isLeft(seen)) return envelopeResponse(seen.left, yield* TraceId)
  return yield* Effect.orDie(respond(seen.right))
})
