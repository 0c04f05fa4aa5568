import { isIPv6 } from "node:net"
import { Context } from "effect"
import type { SettingsProblem } from "../../src/domain/SettingsProblem.ts"

/** Where the service listens, and who may talk to it. */
export class HttpSettings extends Context.Tag("exlab-wizard/HttpSettings")<
  HttpSettings,
  {
    /** Address or name. Any but a loopback address needs a token. */
    readonly host: string
    /** 0: one that is free. */
    readonly port: number
    /** Absolute path of the token's file, made with mode 0600 when it isn't there. Null: no token. */
    readonly tokenFile: string | null
    /** Further `Host` headers to answer to, as browsers send them: with the port unless it is the scheme's own. */
    readonly allowedHosts: ReadonlyArray<string>
    /** Who takes longer to send a request's head, or all of it, is cut off. */
    readonly headSeconds: number
    readonly requestSeconds: number
  }
>() {}

export const defaultHttp: HttpSettings["Type"] = {
  host: "127.0.0.1",
  port: 8420,
  tokenFile: null,
  allowedHosts: [],
  headSeconds: 10,
  requestSeconds: 30,
}

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host)

const name = String.raw`[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?`
const hostPattern = new RegExp(
  String.raw`^(?:\[[\da-f:.]+\]|${name}(?:\.${name})*\.?)(?::[1-9]\d{0,4})?$`,
  "i",
)

/** An IPv6 address in the brackets that it has in a `Host` header; everything else as it is. */
export const inBrackets = (host: string): string => (isIPv6(host) ? `[${host}]` : host)

/** Whether a `Host` header can say it. */
const isHostHeader = (host: string): boolean =>
  host.length <= 260 && hostPattern.test(inBrackets(host)) && URL.canParse(`http://${inBrackets(host)}`)

const hostProblems = ({ allowedHosts }: HttpSettings["Type"]): ReadonlyArray<SettingsProblem> =>
  allowedHosts.flatMap((host, index) =>
    isHostHeader(host)
      ? []
      : [
          {
            key: ["http", "allowedHosts", index],
            message: `must be a host's name or address as browsers send it, such as lab.example:8443 or [2001:db8::1], not ${JSON.stringify(host.slice(0, 200))}`,
          },
        ],
  )

const tokenProblems = ({ host, tokenFile }: HttpSettings["Type"]): ReadonlyArray<SettingsProblem> => {
  const key = ["http", "tokenFile"]
  if (tokenFile === "") return [{ key, message: "must be a path" }]
  return tokenFile !== null || isLoopback(host)
    ? []
    : [{ key, message: `is missing: ${host} is reached from other machines, so a token is needed` }]
}

/** What keeps the service from listening so. */
export const httpProblems = (http: HttpSettings["Type"]): ReadonlyArray<SettingsProblem> => [
  ...tokenProblems(http),
  ...hostProblems(http),
  ...(["headSeconds", "requestSeconds"] as const).flatMap((name) =>
    http[name] >= 1 ? [] : [{ key: ["http", name], message: "must be a number, 1 or more" }],
  ),
  ...(http.headSeconds <= http.requestSeconds
    ? []
    : [
        {
          key: ["http", "headSeconds"],
          message: `must not be more than \`request_seconds\`, which is ${http.requestSeconds}: a head is part of its request`,
        },
      ]),
]
