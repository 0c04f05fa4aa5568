import {
  HttpApiError,
  HttpLayerRouter,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse,
} from "@effect/platform"
import { Cause, Effect, Either, Metric } from "effect"
import { methodsOf, pathOf } from "./contractRoutes.ts"
import { envelopeResponse } from "./envelopes.ts"
import { Guard } from "./Guard.ts"
import { checkQuery } from "./query.ts"
import { RequestRefused } from "./RequestRefused.ts"
import { TraceId, traceIdOf } from "./TraceId.ts"

type Response = HttpServerResponse.HttpServerResponse

const requests = Metric.counter("exlab_http_requests_total", {
  description: "Answers by method and status.",
  incremental: true,
})

const decodeProblem = ({ issues }: HttpApiError.HttpApiDecodeError, traceId: string): Response => {
  const told = issues
    .slice(0, 100)
    .map(({ message, path }) => ({ field: path.map(String).join("."), message }))
  const message = told.map((issue) => `${issue.field}: ${issue.message}`).join("; ")
  return envelopeResponse({ code: "malformed_request", message, details: { issues: told } }, traceId)
}

/** Nothing is there, or it is there for other methods. */
const noRoute = ({ request }: HttpServerError.RouteNotFound, traceId: string): Response => {
  const allowed = methodsOf(request.url)
  if (allowed.some((method) => method === request.method)) {
    const message = "the path can't be read: its %-signs are no UTF-8"
    return envelopeResponse({ code: "malformed_request", message }, traceId)
  }
  return allowed.length === 0
    ? envelopeResponse(
        { code: "not_found", message: "there is nothing at this path; /api/v1/docs says what there is" },
        traceId,
      )
    : envelopeResponse(
        { code: "method_not_allowed", message: `this path takes ${allowed.join(", ")}` },
        traceId,
        { headers: { allow: allowed.join(", ") } },
      )
}

const unexpected = (cause: Cause.Cause<unknown>, traceId: string): Effect.Effect<Response> =>
  Effect.as(
    Effect.logError("a request ended unexpectedly", cause),
    envelopeResponse(
      { code: "internal_error", message: "something broke; the service's log has the details" },
      traceId,
    ),
  )

const known = (error: unknown, traceId: string): Response | null => {
  if (error instanceof RequestRefused) {
    return envelopeResponse(error, traceId, error.headers === undefined ? {} : { headers: error.headers })
  }
  if (error instanceof HttpApiError.HttpApiDecodeError) return decodeProblem(error, traceId)
  if (error instanceof HttpServerError.RouteNotFound) return noRoute(error, traceId)
  return null
}

/** Whatever a request ends with leaves as an envelope; a caller who has gone gets nothing. */
const answered = (cause: Cause.Cause<unknown>, traceId: string): Effect.Effect<Response> =>
  Either.match(Cause.failureOrCause(cause), {
    onLeft: (error) => {
      const response = known(error, traceId)
      return response === null ? unexpected(cause, traceId) : Effect.succeed(response)
    },
    onRight: (other) =>
      Cause.isInterruptedOnly(other) ? Effect.failCause(other) : unexpected(other, traceId),
  })

/** What every answer says: which request it is to, and that browsers believe its type and keep nothing. */
const heads = (response: Response, traceId: string): Response =>
  HttpServerResponse.setHeaders(response, {
    "x-trace-id": traceId,
    "x-content-type-options": "nosniff",
    "cache-control": response.headers["cache-control"] ?? "no-store",
    // What is still on its way isn't read.
    ...(response.status === 413 ? { connection: "close" } : {}),
  })

const note = (request: HttpServerRequest.HttpServerRequest, { status }: Response) =>
  Effect.zipRight(
    Effect.tagMetrics(Metric.increment(requests), { method: request.method, status: String(status) }),
    Effect.logDebug(`${request.method} ${pathOf(request.url)} ${status}`),
  )

/** Around everything: the trace id, the guard, and the envelope of whatever goes wrong. */
export const layer = HttpLayerRouter.use((router) =>
  Effect.gen(function* () {
    const guard = yield* Guard
    const around = (
      route: Effect.Effect<Response, HttpLayerRouter.unhandled>,
    ): Effect.Effect<Response, HttpLayerRouter.unhandled, HttpServerRequest.HttpServerRequest> =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const traceId = yield* traceIdOf(request.headers["x-trace-id"])
        return yield* guard.check(request).pipe(
          Effect.zipRight(checkQuery(request)),
          Effect.zipRight(route),
          Effect.catchAllCause((cause) => answered(cause, traceId)),
          Effect.map((response) => heads(response, traceId)),
          Effect.tap((response) => note(request, response)),
          Effect.tap(Effect.annotateCurrentSpan("trace_id", traceId)),
          Effect.provideService(TraceId, traceId),
          Effect.annotateLogs("trace_id", traceId),
        )
      })
    yield* router.addGlobalMiddleware(around)
  }),
)
