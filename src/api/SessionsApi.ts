import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { ProjectCreateRequest, RunCreateRequest, SessionKind } from "../domain/CreateRequest.ts"
import { JsonObject } from "../domain/Json.ts"
import { Preview } from "../domain/Preview.ts"
import { AbortedResult, Session, SessionHandle, SessionId } from "../domain/Session.ts"
import { SessionState } from "../domain/SessionState.ts"
import { wireStruct } from "../domain/wire.ts"
import { Conflict, NotFound, Refused, TooMany } from "./ApiError.ts"
import * as examples from "./examples.ts"
import { withOptionalBody } from "./openApiDocument.ts"
import { eventNumber, oneOf, pageLimit, SessionCursor } from "./parameters.ts"

/** A request with its kind: what is posted to open a session. */
const CreateBody = Schema.Union(
  Schema.Struct({ kind: Schema.Literal("project"), ...ProjectCreateRequest.fields }).annotations({
    identifier: "CreateProject",
    examples: [{ kind: "project", ...examples.project }],
  }),
  Schema.Struct({ kind: Schema.Literal("run"), ...RunCreateRequest.fields }).annotations({
    identifier: "CreateRun",
    examples: [{ kind: "run", ...examples.run }],
  }),
)

export const ResumeBody = wireStruct({
  /** By field id. */
  extraInputs: JsonObject,
  /** May be left out for a session's first prompt only. */
  promptId: Schema.optionalWith(Schema.String, { exact: true }),
  /** Who answers. Default: the operator. */
  answeredBy: Schema.optionalWith(Schema.String, { exact: true }),
}).annotations({ identifier: "Resume", examples: [examples.resume] })

export const CancelBody = wireStruct({
  discardFiles: Schema.optionalWith(Schema.Boolean, { default: () => false }),
}).annotations({ identifier: "Cancel", examples: [examples.cancel] })

/** A session as callers see it. */
export const SessionView = Schema.Struct({
  ...Session.fields,
  /** As it was sent, with its fields' wire names; of one that was refused, as much as is remembered. */
  request: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
}).annotations({ identifier: "Session", examples: [examples.session] })
export type SessionView = typeof SessionView.Type

const SessionPage = wireStruct({
  /** Newest first. */
  sessions: Schema.Array(SessionView),
  nextCursor: Schema.NullOr(Schema.String),
}).annotations({ identifier: "SessionPage", examples: [examples.page] })

const Handle = SessionHandle.annotations({ identifier: "SessionHandle", examples: [examples.handle] })

const SessionPath = Schema.Struct({ id: SessionId })

const ListParams = Schema.Struct({
  state: oneOf(SessionState),
  kind: oneOf(SessionKind),
  limit: pageLimit,
  cursor: Schema.optionalWith(SessionCursor, { exact: true }),
})

const EventParams = Schema.Struct({ after: eventNumber })

const EventHeaders = Schema.Struct({ "last-event-id": eventNumber })

const create = HttpApiEndpoint.post("create", "/sessions")
  .setPayload(CreateBody)
  .addSuccess(Handle, { status: 201 })
  .addError(Refused)
  .addError(Conflict)
  .addError(TooMany)
  .annotate(OpenApi.Summary, "Open a session")
  .annotate(
    OpenApi.Description,
    "Opens a session that creates a project or a run, and answers when the gate has decided. A refused request " +
      "answers with the error; `details.session_id` names its session, which stays readable. The same " +
      "`request_id` again answers with the same session.",
  )

const PreviewParams = Schema.Struct({
  /** A path of the preview, whose text is wanted. */
  text: Schema.optionalWith(Schema.String, { exact: true }),
})

const preview = HttpApiEndpoint.post("preview", "/sessions/preview")
  .setPayload(CreateBody)
  .setUrlParams(PreviewParams)
  .addSuccess(Preview.annotations({ examples: [examples.preview] }))
  .addError(Refused)
  .addError(Conflict)
  .annotate(OpenApi.Summary, "What a request would come to; writes nothing")
  .annotate(
    OpenApi.Description,
    "The gate and a dry rendering of the template's files: the destination, the tree with sizes, the text of one file if `text` names it, " +
      "and which plugins would run on which files. No session is opened, and nothing is written. A refused " +
      "request is answered as it would be if it were sent to be done.",
  )

const list = HttpApiEndpoint.get("list", "/sessions")
  .setUrlParams(ListParams)
  .addSuccess(SessionPage)
  .annotate(OpenApi.Summary, "Sessions, newest first, in pages")

const get = HttpApiEndpoint.get("get", "/sessions/:id")
  .setPath(SessionPath)
  .addSuccess(SessionView)
  .addError(NotFound)
  .annotate(OpenApi.Summary, "One session as it is now")

const resume = HttpApiEndpoint.post("resume", "/sessions/:id/resume")
  .setPath(SessionPath)
  .setPayload(ResumeBody)
  .addSuccess(Handle)
  .addError(NotFound)
  .addError(Conflict)
  .addError(Refused)
  .annotate(OpenApi.Summary, "Answer what a plugin asked")

const cancel = HttpApiEndpoint.post("cancel", "/sessions/:id/cancel")
  .setPath(SessionPath)
  .setPayload(CancelBody)
  .addSuccess(AbortedResult.annotations({ identifier: "AbortedResult", examples: [examples.aborted] }))
  .addError(NotFound)
  .addError(Conflict)
  .annotate(OpenApi.Transform, withOptionalBody)
  .annotate(OpenApi.Summary, "End a session")
  .annotate(
    OpenApi.Description,
    "Answers when its clean-up is over. Rendered files are kept unless `discard_files`; the body may be left out.",
  )

const heartbeat = HttpApiEndpoint.post("heartbeat", "/sessions/:id/heartbeat")
  .setPath(SessionPath)
  .addSuccess(HttpApiSchema.NoContent)
  .annotate(OpenApi.Summary, "A sign of life for a session that waits for input")

const events = HttpApiEndpoint.get("events", "/sessions/:id/events")
  .setPath(SessionPath)
  .setUrlParams(EventParams)
  .setHeaders(EventHeaders)
  .addSuccess(
    HttpApiSchema.Text({ contentType: "text/event-stream" }).annotations({ examples: [examples.events] }),
  )
  .addSuccess(HttpApiSchema.NoContent)
  .addError(NotFound)
  .annotate(OpenApi.Summary, "A session's events, from the first or after a number, then live")
  .annotate(
    OpenApi.Description,
    "Server-sent events: `id` is `seq`, `event` is `kind`, `data` is the frame. Progress has no `id`. A comment " +
      "every 15 seconds keeps the line open; the stream ends after `done`, `failed` or `aborted`, and 204 is " +
      "the answer to whoever asks again from there. An upgrade to WebSocket gets the same frames, one a message.",
  )

/** Sessions: open, look at, answer, cancel, follow. */
export class SessionsApi extends HttpApiGroup.make("sessions")
  .add(create)
  .add(preview)
  .add(list)
  .add(get)
  .add(resume)
  .add(cancel)
  .add(heartbeat)
  .add(events) {}
