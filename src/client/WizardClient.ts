import { HttpApiClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { Context, type Duration, Effect, Layer, Option, Redacted, Stream } from "effect"
import { Api } from "../api/Api.ts"
import type { ProblemsFrame } from "../domain/FindingsDelta.ts"
import { type DoneResult, SessionAborted, SessionFailed, type SessionId } from "../domain/Session.ts"
import type { SessionEvent } from "../domain/SessionEvent.ts"
import { EventsLost, type ProblemsLost, TokenInvalid } from "./ClientErrors.ts"
import type { EventsRefused } from "./connection.ts"
import { follow, followProblems } from "./following.ts"

export interface WizardClientOptions {
  /** Where the service is, without `/api/v1`. */
  readonly url: string | URL
  /** What a service needs that isn't on this machine. */
  readonly token?: Redacted.Redacted | undefined
  /** How long a service that isn't to be reached is tried for the next event. Default: 5 minutes. */
  readonly giveUpAfter?: Duration.DurationInput | undefined
}

const derive = (http: HttpClient.HttpClient) => HttpApiClient.makeWith(Api, { httpClient: http })

type Derived = Effect.Effect.Success<ReturnType<typeof derive>>

/** The calls of the contract by their groups; their errors are those of `docs/errors.md`, each with its `code`. */
export interface WizardClientService {
  /** As calls; `events` is a stream of its own. */
  readonly sessions: Omit<Derived["sessions"], "events">
  readonly catalog: Derived["catalog"]
  readonly directories: Derived["directories"]
  readonly sync: Derived["sync"]
  /** As calls; `changes` is a stream of its own. */
  readonly problems: Omit<Derived["problems"], "events">
  readonly system: Derived["system"]
  /**
   * Every numbered event after `after` (default: from the first) once and in order, and progress as it comes,
   * until the terminal one. A connection that breaks is made anew. Fails with `EventsLost` when the service
   * can't be reached for too long.
   */
  readonly events: (
    id: SessionId,
    options?: { readonly after?: number | undefined },
  ) => Stream.Stream<SessionEvent, EventsRefused | EventsLost>
  /**
   * The list of problems, and how it changes, without an end. After each new connection there is a snapshot,
   * with which a reader begins anew. Fails with `ProblemsLost` when the service can't be reached for too long.
   */
  readonly changes: Stream.Stream<ProblemsFrame, EventsRefused | ProblemsLost>
  /** What a session made, once it has ended. */
  readonly awaitResult: (
    id: SessionId,
  ) => Effect.Effect<DoneResult, SessionFailed | SessionAborted | EventsRefused | EventsLost>
}

const resultOf = (
  sessionId: SessionId,
  last: Option.Option<SessionEvent>,
): Effect.Effect<DoneResult, SessionFailed | SessionAborted | EventsLost> => {
  const event = Option.getOrNull(last)
  if (event?.kind === "done") return Effect.succeed(event.result)
  if (event?.kind === "failed") return new SessionFailed({ sessionId, envelope: event.error })
  if (event?.kind === "aborted") return new SessionAborted({ sessionId, result: event.result })
  return new EventsLost({ sessionId, after: event?.seq ?? 0, reason: "there was no terminal event" })
}

/** Checked before anything is sent: whatever refuses a header later would say what is in it. */
const isToken = (token: Redacted.Redacted): boolean => /^[\x21-\x7E]+$/.test(Redacted.value(token))

/** A client of the HTTP service. It needs an `HttpClient`: of `fetch`, of Node, of whatever there is. */
const make = Effect.fnUntraced(function* ({ giveUpAfter = "5 minutes", token, url }: WizardClientOptions) {
  if (token !== undefined && !isToken(token)) return yield* new TokenInvalid()
  const http = HttpClient.mapRequest(yield* HttpClient.HttpClient, (request) => {
    const placed = HttpClientRequest.prependUrl(request, String(url).replace(/\/+$/, ""))
    return token === undefined ? placed : HttpClientRequest.bearerToken(placed, token)
  })
  const { catalog, directories, problems, sessions, sync, system } = yield* derive(http)
  const events: WizardClientService["events"] = (id, { after = 0 } = {}) =>
    Stream.withSpan(follow(http, id, { after, giveUpAfter }), "WizardClient.events")
  const changes = Stream.withSpan(followProblems(http, giveUpAfter), "WizardClient.changes")
  const awaitResult = Effect.fn("WizardClient.awaitResult")(function* (id: SessionId) {
    return yield* resultOf(id, yield* Stream.runLast(events(id)))
  })
  return {
    sessions,
    catalog,
    directories,
    sync,
    problems,
    system,
    events,
    changes,
    awaitResult,
  } satisfies WizardClientService
})

/** The service from afar. */
export class WizardClient extends Context.Tag("exlab-wizard/WizardClient")<
  WizardClient,
  WizardClientService
>() {
  static readonly layer = (
    options: WizardClientOptions,
  ): Layer.Layer<WizardClient, TokenInvalid, HttpClient.HttpClient> =>
    Layer.effect(WizardClient, make(options))
}
