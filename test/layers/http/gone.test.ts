import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Logger, LogLevel, Scope } from "effect"
import { until } from "../../support/world.ts"
import { asking, waitingSession } from "./asking.ts"
import { holdOpen } from "./rawSocket.ts"
import { startService } from "./service.ts"

const headOf = (line: string, url: string, ...headers: ReadonlyArray<string>) =>
  [`${line} HTTP/1.1`, `host: ${new URL(url).host}`, ...headers, "", ""].join("\r\n")

const upgrade = (version: number) => [
  "connection: Upgrade",
  "upgrade: websocket",
  `sec-websocket-version: ${version}`,
  "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
]

it.scopedLive("whoever stays on the line doesn't hold up the way down, and no dump tells of it", () => {
  const dumps: Array<string> = []
  const logger = Logger.make(({ cause, message }) => {
    if (!Cause.isEmpty(cause)) dumps.push(`${String(message)}: ${Cause.pretty(cause)}`)
  })
  return Effect.gen(function* () {
    const scope = yield* Scope.make()
    const { url } = yield* Scope.extend(startService({ plugins: asking }), scope)
    const { session } = yield* waitingSession(url)
    const events = `GET ${new URL(session).pathname}/events`
    const json = "content-type: application/json"
    const half = yield* holdOpen(url, headOf("POST /api/v1/sessions", url, json, "content-length: 9") + "{")
    const refused = yield* holdOpen(url, headOf(events, url, ...upgrade(8)))
    const following = yield* holdOpen(url, headOf(events, url, ...upgrade(13)))
    yield* until(
      "both upgrades are answered",
      Effect.sync(() => /400 Bad/.test(refused.received()) && /input_required/.test(following.received())),
    )
    expect(half.received()).toBe("")
    yield* Scope.close(scope, Exit.void)
    expect(following.received()).toContain('"code":"shutdown"')
    expect(dumps).toEqual([])
  }).pipe(Effect.provide(Logger.add(logger)), Logger.withMinimumLogLevel(LogLevel.Debug))
})
