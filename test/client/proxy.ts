import { connect, createServer, type Server, type Socket } from "node:net"
import { Effect } from "effect"

export interface Proxy {
  readonly port: number
  /** Where connections go on to; they are refused until it is set. */
  target: string | null
  /** After how many bytes of an answer the next connection is cut. */
  bytesUntilCut: () => number
  /** How many connections there were, and are. */
  connections: number
  open: number
}

const listening = (server: Server): Effect.Effect<number> =>
  Effect.async((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const relay = (proxy: Proxy, inner: Socket, target: string) => {
  const outer = connect(Number(new URL(target).port), "127.0.0.1")
  const destroy = () => {
    inner.destroy()
    outer.destroy()
  }
  let left = proxy.bytesUntilCut()
  proxy.connections += 1
  proxy.open += 1
  inner.once("close", () => (proxy.open -= 1))
  inner.on("data", (bytes) => outer.write(bytes))
  outer.on("data", (bytes) => {
    const passed = bytes.subarray(0, left)
    left -= passed.length
    inner.write(passed, () => (left <= 0 ? destroy() : undefined))
  })
  for (const socket of [inner, outer]) socket.on("error", destroy).on("close", destroy)
}

/** Stands before a service and cuts connections off. */
export const startProxy = Effect.gen(function* () {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {}).once("close", () => sockets.delete(socket))
    if (proxy.target === null) socket.destroy()
    else relay(proxy, socket, proxy.target)
  })
  const port = yield* Effect.acquireRelease(listening(server), () =>
    Effect.async<void>((resume) => {
      server.close(() => resume(Effect.void))
      for (const socket of sockets) socket.destroy()
    }),
  )
  const proxy: Proxy = {
    port,
    target: null,
    bytesUntilCut: () => Number.POSITIVE_INFINITY,
    connections: 0,
    open: 0,
  }
  return proxy
})
