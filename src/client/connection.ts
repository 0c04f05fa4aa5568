import { HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Chunk, Effect, identity, type ParseResult, Schema, Stream } from "effect"
import { Forbidden, Malformed, NotAllowed, NotFound, Unauthorized } from "../api/ApiError.ts"
import { ProblemsFrame } from "../domain/FindingsDelta.ts"
import type { SessionId } from "../domain/Session.ts"
import { SessionEvent } from "../domain/SessionEvent.ts"
import { ConnectionBroken } from "./ClientErrors.ts"
import { read, type ServerSentEvent, unread } from "./serverSentEvents.ts"

/** What no further connection would change. */
const Refusal = Schema.Union(Malformed, Unauthorized, Forbidden, NotFound, NotAllowed)

export type EventsRefused = typeof Refusal.Type | HttpClientError.HttpClientError | ParseResult.ParseError

/** Three of the service's comments: who says nothing for so long isn't there any more. */
const silence = "45 seconds"

const broken = (reason: string) => new ConnectionBroken({ reason })

const silent = () => broken("the service fell silent")

/** What streams, and how its frames are read. */
export interface Source<A> {
  /** Below `/api/v1`. */
  readonly path: string
  /** The number after which to go on. */
  readonly after?: number
  readonly decode: (data: string) => Effect.Effect<A, ParseResult.ParseError>
}

const decodeEvent = Schema.decode(Schema.parseJson(SessionEvent))

/** A session's events after a number. */
export const sessionEvents = (id: SessionId, after: number): Source<SessionEvent> => ({
  path: `/sessions/${id}/events`,
  after,
  decode: decodeEvent,
})

/** The list of problems, and how it changes. */
export const problemFrames: Source<ProblemsFrame> = {
  path: "/problems/events",
  decode: Schema.decode(Schema.parseJson(ProblemsFrame)),
}

const toFrame =
  <A>({ decode }: Source<A>) =>
  ({ data, event }: ServerSentEvent): Effect.Effect<A, ConnectionBroken | ParseResult.ParseError> =>
    event === "error" ? broken(`the service could not go on: ${data}`) : decode(data)

const open = Effect.fnUntraced(function* <A>(http: HttpClient.HttpClient, { after, path }: Source<A>) {
  const request = HttpClientRequest.get(`/api/v1${path}`).pipe(
    HttpClientRequest.accept("text/event-stream"),
    after === undefined ? identity : HttpClientRequest.setHeader("last-event-id", String(after)),
  )
  return yield* HttpClient.withScope(http)
    .execute(request)
    .pipe(
      Effect.catchTag("RequestError", (error) =>
        // A URL that is none doesn't get better.
        Effect.fail(error.reason === "Transport" ? broken(error.message) : error),
      ),
      Effect.timeoutFail({ duration: silence, onTimeout: silent }),
    )
})

const framesOf = <A>(source: Source<A>, response: HttpClientResponse.HttpClientResponse) =>
  response.stream.pipe(
    Stream.mapError((error) => broken(error.message)),
    Stream.timeoutFail(silent, silence),
    Stream.decodeText(),
    Stream.mapAccum(unread, read),
    Stream.mapConcatChunk(Chunk.unsafeFromArray),
    Stream.mapEffect(toFrame(source)),
    Stream.concat(Stream.fail(broken("the connection ended too early"))),
  )

const isTransient = (status: number): boolean => status === 408 || status === 429 || status >= 500

const unexpected = (response: HttpClientResponse.HttpClientResponse) =>
  new HttpClientError.ResponseError({
    request: response.request,
    response,
    reason: "StatusCode",
    description: "this is no answer of the service's",
  })

const refusalOf = (response: HttpClientResponse.HttpClientResponse) =>
  HttpClientResponse.schemaBodyJson(Refusal)(response).pipe(
    Effect.mapError(() => unexpected(response)),
    Effect.flatMap(Effect.fail),
  )

const isStream = ({ headers, status }: HttpClientResponse.HttpClientResponse): boolean =>
  status === 200 && (headers["content-type"] ?? "").startsWith("text/event-stream")

type Connection<A> = Stream.Stream<A, EventsRefused | ConnectionBroken>

/**
 * What comes from a source over one connection, which is closed with the stream. It ends when there is
 * nothing to come, and fails with `ConnectionBroken` where a further connection could go on.
 */
export const connect = <A>(http: HttpClient.HttpClient, source: Source<A>): Connection<A> =>
  Stream.unwrapScoped(
    Effect.map(open(http, source), (response): Connection<A> => {
      if (isStream(response)) return framesOf(source, response)
      if (response.status === 204) return Stream.empty
      return isTransient(response.status)
        ? Stream.fail(broken(`the service answered with ${response.status}`))
        : Stream.fromEffect(refusalOf(response))
    }),
  )
