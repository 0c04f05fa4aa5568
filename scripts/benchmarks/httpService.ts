/** A service, or a bare server, in a process of its own; it is told what to do by messages. */
import { createServer } from "node:http"
import { join } from "node:path"
import { Effect, Layer, Logger, Match } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import * as Embedded from "../../layers/Embedded.ts"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import { defaultHttp, HttpSettings } from "../../layers/http/HttpSettings.ts"
import * as HttpService from "../../layers/http/HttpService.ts"
import * as NoopNasSync from "../../layers/nas/NoopNasSync.ts"
import { layerTest as scriptedPlugins } from "../../layers/plugins/ScriptedPluginHost.ts"
import * as Standalone from "../../layers/Standalone.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"
import { Settings } from "../../src/ports/Settings.ts"
import type { HttpOrder, HttpReport } from "./HttpProgram.ts"
import { heldBytes, type NoCollector } from "./heap.ts"
import { settingsBelow } from "./httpRequests.ts"

const tell = (report: HttpReport): Effect.Effect<void> => Effect.sync(() => void process.send?.(report))

const settingsOf = (root: string) => {
  const settings = settingsBelow(root)
  return withDefaults({ ...settings, paths: { ...settings.paths, templatesDir: join(root, "templates") } })
}

/** Its own adapters, except that a plugin asks, so that sessions wait. */
const waiting = (root: string) =>
  HttpService.layer.pipe(
    Layer.provide(NoopNasSync.layerNoop),
    Layer.provide(
      scriptedPlugins({
        asks: {
          moves: [
            { do: "ask", reason: "to wait", fields: [{ id: "plate", label: "Plate", type: "string" }] },
          ],
        },
      }),
    ),
    Layer.provide(Embedded.sync),
    Layer.provideMerge(Embedded.ports),
    Layer.provide(Layer.succeed(HttpSettings, { ...defaultHttp, port: 0 })),
    Layer.provide(Layer.merge(NodeDisk.layer, Settings.layer(settingsOf(root)))),
    Layer.provide(Logger.remove(Logger.defaultLogger)),
  )

const listenTo = (obey: (order: HttpOrder) => Effect.Effect<void, NoCollector>) =>
  Effect.async<never>(() => {
    process.on("message", (order: HttpOrder) => void Effect.runFork(obey(order)))
  })

const announce = Effect.flatMap(
  HttpService.address((url) => url),
  (url) => tell({ kind: "listening", url }),
)

const measured = Effect.gen(function* () {
  yield* tell({ kind: "held", heap: yield* heldBytes, rss: process.memoryUsage.rss() })
})

const serveWaiting = (root: string) =>
  Effect.gen(function* () {
    const store = yield* SessionStore
    yield* announce
    return yield* listenTo((order) =>
      order.kind === "emit"
        ? store.emit(order.id as SessionId, { kind: "warning", message: "well A7 is dim" })
        : measured,
    )
  }).pipe(Effect.provide(waiting(root)))

const serve = (root: string) =>
  Effect.zipRight(announce, Effect.never).pipe(
    Effect.provide(
      Standalone.layer({ settings: settingsBelow(root), http: { port: 0 }, logging: { level: "none" } }),
    ),
  )

/** Answers every request with the same bytes, and does nothing else. */
const serveBare = (body: string) =>
  Effect.async<never>(() => {
    const head = { "content-type": "application/json", "content-length": Buffer.byteLength(body) }
    const server = createServer((_, response) => response.writeHead(200, head).end(body))
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      process.send?.({ kind: "listening", url: `http://127.0.0.1:${port}` } satisfies HttpReport)
    })
  })

const [mode = "", argument = ""] = process.argv.slice(2)

const program = Match.value(mode).pipe(
  Match.when("serve", () => serve(argument)),
  Match.when("waiting", () => serveWaiting(argument)),
  Match.orElse(() => serveBare(argument)),
)

process.once("disconnect", () => process.exit())
Effect.runFork(Effect.tapErrorCause(program, (cause) => Effect.logError("the program broke off", cause)))
