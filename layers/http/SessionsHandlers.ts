import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../../src/api/Api.ts"
import { CancelBody, ResumeBody } from "../../src/api/SessionsApi.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { createSession } from "./creating.ts"
import { enveloped } from "./envelopes.ts"
import { followSession } from "./following.ts"
import { previewCreation } from "./previewing.ts"
import { readBody, readJsonIfAny } from "./requestBody.ts"
import { sessionView } from "./sessionView.ts"

const resumeBody = readBody(ResumeBody)
const cancelBody = readBody(CancelBody, readJsonIfAny)

export const layer = HttpApiBuilder.group(Api, "sessions", (handlers) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    return handlers
      .handleRaw("create", ({ request }) => enveloped(createSession(request)))
      .handleRaw("preview", ({ request, urlParams }) => enveloped(previewCreation(request, urlParams.text)))
      .handle("list", ({ urlParams }) =>
        Effect.map(controller.list(urlParams), ({ nextCursor, sessions }) => ({
          nextCursor,
          sessions: sessions.map(sessionView),
        })),
      )
      .handle("get", ({ path }) => enveloped(Effect.map(controller.status(path.id), sessionView)))
      .handleRaw("resume", ({ path, request }) =>
        enveloped(
          Effect.flatMap(resumeBody(request), ({ answeredBy, extraInputs, promptId }) =>
            controller.resume(path.id, extraInputs, { promptId, answeredBy }),
          ),
        ),
      )
      .handleRaw("cancel", ({ path, request }) =>
        enveloped(Effect.flatMap(cancelBody(request), (options) => controller.cancel(path.id, options))),
      )
      .handle("heartbeat", ({ path }) => controller.heartbeat(path.id))
      .handleRaw("events", ({ headers, path, request, urlParams }) =>
        enveloped(followSession(request, path.id, headers["last-event-id"] ?? urlParams.after ?? 0)),
      )
  }),
)
