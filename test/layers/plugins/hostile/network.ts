import { createSocket, type Socket } from "node:dgram"
import * as net from "node:net"
import { Effect, type Scope } from "effect"

/** What plugins may find on the machine's own network. */
export interface Network {
  /** Of a service that listens for connections and for datagrams. */
  readonly port: number
  /** Free, for plugins that want to be called. */
  readonly callHere: number
  /** Calls and datagrams since the last time that somebody wanted to know. */
  readonly taken: Effect.Effect<number>
  /** Calls where a plugin may listen, until somebody answers; then it is true. */
  readonly call: Effect.Effect<boolean>
}

const listening = (server: net.Server): Effect.Effect<number, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
      })
    }),
    () => Effect.sync(() => server.close()),
  )

const bound = (socket: Socket, port: number) =>
  Effect.acquireRelease(
    Effect.async<void>((resume) => void socket.bind(port, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.async<void>((resume) => void socket.close(() => resume(Effect.void))),
  )

const tryCall = (port: number) =>
  Effect.async<boolean>((resume) => {
    const socket = net.connect(port, "127.0.0.1")
    socket.on("data", () => resume(Effect.succeed(true)))
    socket.on("error", () => {}).on("close", () => resume(Effect.succeed(false)))
    return Effect.sync(() => socket.destroy())
  })

export const makeNetwork: Effect.Effect<Network, never, Scope.Scope> = Effect.gen(function* () {
  let heard = 0
  const greet = (socket: net.Socket) => {
    heard++
    socket.on("error", () => {}).on("data", () => socket.destroy())
    socket.end("x")
  }
  const port = yield* listening(net.createServer(greet))
  yield* bound(
    createSocket("udp4").on("message", () => heard++),
    port,
  )
  // Below the ports that callers get: whoever calls one of those may reach himself.
  const callHere = 20_000 + (process.pid % 10_000)
  return {
    port,
    callHere,
    taken: Effect.promise(async () => {
      // What has arrived is told in the next turns of the loop.
      for (let turn = 0; turn < 5; turn++) await new Promise((go) => setImmediate(go))
      const all = heard
      heard = 0
      return all
    }),
    call: Effect.repeat(Effect.zipLeft(tryCall(callHere), Effect.sleep("5 millis")), { until: (is) => is }),
  }
})
