import { Effect, Either, Option } from "effect"
import { defaultHttp, type HttpSettings, isLoopback } from "../../http/HttpSettings.ts"
import { CommandFailed, UsageError } from "../CommandFailed.ts"

type Http = HttpSettings["Type"]

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, "")

/** A URL that somebody named, as far as it shows before anything is sent there. */
export const readUrl = (text: string): Effect.Effect<URL, UsageError> => {
  const wrong = (problem: string) =>
    new UsageError({
      // What was said in front of an @, or after a question mark, may be a secret.
      message: `${text.replace(/\/\/[^/]*@/, "//…@").replace(/[?#].*$/s, "?…")} can't be the service's URL: ${problem}; it is like http://${defaultHttp.host}:${defaultHttp.port}`,
    })
  return Either.match(
    Either.try(() => new URL(text)),
    {
      onLeft: () => wrong("it isn't one"),
      onRight: (url) => {
        if (!/^https?:$/.test(url.protocol)) return wrong("it must begin with http:// or https://")
        if (url.username !== "" || url.password !== "") return wrong("who calls is told by a token")
        if (url.search !== "" || url.hash !== "") return wrong("nothing may follow its path")
        return Effect.succeed(url)
      },
    },
  )
}

/** Any address of this machine is reached by its own. */
const reachable: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" }

/** Where the service with these settings listens, as one calls it on the same machine. */
export const urlOf = ({ host, port }: Http): Effect.Effect<URL, CommandFailed> => {
  if (port === 0)
    return new CommandFailed({
      message: "the settings' http.port is 0, one that is free: name the one that `serve` told with --url",
    })
  const name = reachable[host] ?? host
  return Effect.succeed(new URL(`http://${name.includes(":") ? `[${name}]` : name}:${port}`))
}

/** The settings' token goes to the settings' service, and to no other machine. */
export const tokenFileFor = (url: URL, { host, tokenFile }: Http): Option.Option<string> =>
  Option.liftPredicate(tokenFile, (file): file is string => {
    const named = hostOf(url)
    return file !== null && (isLoopback(named) || named === host)
  })
