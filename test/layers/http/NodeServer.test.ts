import { once } from "node:events"
import { type AddressInfo, connect, type Socket } from "node:net"
import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { defaultHttp, HttpSettings } from "../../../layers/http/HttpSettings.ts"
import { until } from "../../support/world.ts"
import { NodeServer } from "../../../layers/http/NodeServer.ts"

const layer = NodeServer.layer.pipe(Layer.provide(Layer.succeed(HttpSettings, { ...defaultHttp, port: 0 })))

it.scopedLive("who asks before the service answers waits, and is answered once", () =>
  Effect.gen(function* () {
    const { server } = yield* NodeServer
    yield* Effect.promise(async () => {
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
    })
    yield* Effect.addFinalizer(() => Effect.sync(() => server.close().closeAllConnections()))
    const { port } = server.address() as AddressInfo
    const sockets: Array<Socket> = []
    server.on("connection", (socket: Socket) => sockets.push(socket))
    const answer = fetch(`http://127.0.0.1:${port}/early`)
    const socket = connect(port, "127.0.0.1")
    yield* Effect.addFinalizer(() => Effect.sync(() => socket.destroy()))
    socket.write("GET /upgraded HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
    yield* until(
      "both have arrived",
      Effect.sync(() => sockets.length === 2 && sockets.every(({ bytesRead }) => bytesRead > 0)),
    )
    const asked: Array<string | undefined> = []
    server.on("request", (request, response) => {
      asked.push(request.url)
      response.end("here")
    })
    server.on("upgrade", (request, taken) => {
      asked.push(request.url)
      taken.destroy()
    })
    expect(yield* Effect.promise(async () => (await answer).text())).toBe("here")
    const late = yield* Effect.promise(async () => (await fetch(`http://127.0.0.1:${port}/late`)).text())
    expect(late).toBe("here")
    expect(asked.toSorted()).toEqual(["/early", "/late", "/upgraded"])
  }).pipe(Effect.provide(layer)),
)
