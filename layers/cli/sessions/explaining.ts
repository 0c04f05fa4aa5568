import { HttpClientError } from "@effect/platform"
import { Effect, ParseResult } from "effect"
import { EventsLost } from "../../../src/client/ClientErrors.ts"
import { CommandFailed } from "../CommandFailed.ts"

/** An error of the service, as its envelope says; what the platform made of a request has no code. */
interface Envelope {
  readonly code?: string
  readonly message: string
  readonly traceId?: string
}

type CallError = HttpClientError.HttpClientError | ParseResult.ParseError | EventsLost | Envelope

/** `fetch failed` says nothing; what lies below it does. */
const root = (cause: unknown): string =>
  cause instanceof Error ? (cause.cause === undefined ? cause.message || cause.name : root(cause.cause)) : ""

const toldAs = (reason: string): string => (reason === "" ? "" : ` (${reason})`)

const stranger = (what: string): string =>
  `${what}: this is no answer of exlab-wizard's, or one of another version's; check the URL`

const ofTransport = ({ cause, request }: HttpClientError.RequestError): string =>
  `no service answers at ${request.url}${toldAs(root(cause))}: start it with \`exlab-wizard serve\`, or name its URL with --url`

const remedies: Readonly<Record<string, string>> = {
  unauthorized: "; give the service's token with --token-file FILE or $EXLAB_WIZARD_TOKEN",
  forbidden_host: "; use a name that it knows, or add this one to its http.allowed_hosts",
  session_not_awaiting_input: "; `exlab-wizard sessions show` tells how it is",
}

const ofService = ({ code, message, traceId }: Envelope): string =>
  `${message}${remedies[code ?? ""] ?? ""}${code === "internal_error" && traceId !== undefined ? ` (trace ${traceId})` : ""}`

const sentence = (error: CallError): string => {
  if (error instanceof EventsLost)
    return `${error.message}; go on with \`exlab-wizard sessions watch --after ${error.after} ${error.sessionId}\``
  if (ParseResult.isParseError(error)) return stranger(error.message.split("\n", 1)[0] ?? "")
  if (!HttpClientError.isHttpClientError(error)) return ofService(error)
  return error._tag === "RequestError"
    ? ofTransport(error)
    : stranger(`${error.response.status} from ${error.request.url}`)
}

/** What a call came to when it didn't come to its answer, for people. */
export const explained = <A, E extends CallError | CommandFailed, R>(
  call: Effect.Effect<A, E, R>,
): Effect.Effect<A, CommandFailed, R> =>
  Effect.mapError(call, (error) =>
    error instanceof CommandFailed ? error : new CommandFailed({ message: sentence(error) }),
  )
