import { type Headers, HttpServer, type HttpServerRequest } from "@effect/platform"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Context, Effect, Layer } from "effect"
import { BearerToken, isPublic } from "./BearerToken.ts"
import { HttpSettings, inBrackets } from "./HttpSettings.ts"
import { discardBody, maxBodyBytes, tooLarge } from "./requestBody.ts"
import { RequestRefused } from "./RequestRefused.ts"

const loopbackNames = ["127.0.0.1", "localhost", "[::1]"]

/** Every `Host` that this service is: its own names with the port, and what the settings add. */
const hostsOf = ({ allowedHosts, host }: HttpSettings["Type"], port: number): ReadonlySet<string> => {
  const names = [...loopbackNames, inBrackets(host)]
  return new Set(
    [
      ...names.map((name) => `${name}:${port}`),
      // The port of the scheme is left out by everybody.
      ...(port === 80 ? names : []),
      ...allowedHosts.map(inBrackets),
    ].map((name) => name.toLowerCase()),
  )
}

const refuse = (
  code: RequestRefused["code"],
  message: string,
  headers: Readonly<Record<string, string>> = {},
) => new RequestRefused({ code, message, headers })

/** A page elsewhere may send requests here through its reader's browser, under another name for this address. */
const hostProblem = (headers: Headers.Headers, hostCount: number, hosts: ReadonlySet<string>) => {
  const host = headers["host"]?.toLowerCase() ?? ""
  if (hostCount !== 1 || host === "" || !hosts.has(host)) {
    return refuse(
      "forbidden_host",
      "this service isn't known by the host that the request names: http.allowed_hosts adds one",
    )
  }
  const origin = headers["origin"]?.toLowerCase()
  const isOurs = origin === undefined || hosts.has(origin.replace(/^https?:\/\//, ""))
  return isOurs && (origin === undefined || /^https?:\/\//.test(origin))
    ? null
    : refuse(
        "forbidden_origin",
        "pages of other origins may not use this service, unless http.allowed_hosts has them",
      )
}

const hasBody = (headers: Headers.Headers): boolean =>
  Number(headers["content-length"] ?? 0) > 0 || headers["transfer-encoding"] !== undefined

/** Node takes what follows an upgrade for the other protocol: a body would be lost without a word. */
const bodyIsLost = (headers: Headers.Headers): boolean =>
  headers["upgrade"] !== undefined && /\bupgrade\b/i.test(headers["connection"] ?? "") && hasBody(headers)

const isEncoded = (headers: Headers.Headers): boolean =>
  hasBody(headers) && !/^(?:identity)?$/i.test((headers["content-encoding"] ?? "").trim())

/** What must hold of every request, upgrades included, before anything looks at what it is about. */
export class Guard extends Context.Tag("exlab-wizard/Guard")<
  Guard,
  { readonly check: (request: HttpServerRequest.HttpServerRequest) => Effect.Effect<void, RequestRefused> }
>() {
  static readonly layer = Layer.effect(
    Guard,
    Effect.gen(function* () {
      const { address } = yield* HttpServer.HttpServer
      const settings = yield* HttpSettings
      const token = yield* BearerToken
      const hosts = hostsOf(settings, address._tag === "TcpAddress" ? address.port : 0)
      const check = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
        const source = NodeHttpServerRequest.toIncomingMessage(request)
        const problem = hostProblem(request.headers, source.headersDistinct["host"]?.length ?? 0, hosts)
        if (problem !== null) return yield* problem
        if (!isPublic(request.url) && !token.isRight(request.headers["authorization"])) {
          return yield* refuse("unauthorized", "a token is needed: Authorization: Bearer <token>", {
            "www-authenticate": "Bearer",
          })
        }
        if (bodyIsLost(request.headers)) {
          return yield* refuse(
            "malformed_request",
            "a body isn't read together with an offer of another protocol: leave the header Upgrade out",
          )
        }
        if (isEncoded(request.headers)) {
          return yield* refuse(
            "malformed_request",
            "a body is taken as it is: send it without compression, and leave the header Content-Encoding out",
          )
        }
        if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) {
          // Who waits for leave has sent nothing yet.
          if (request.headers["expect"] === undefined) yield* discardBody(source)
          return yield* tooLarge
        }
      })
      return Guard.of({ check })
    }),
  )
}
