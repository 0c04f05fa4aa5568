import { createServer, type Server, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Context, Effect, FiberSet, Layer } from "effect"
import { HttpSettings } from "./HttpSettings.ts"
import { maxBodyBytes } from "./requestBody.ts"
import { hostFromTarget } from "./requestTarget.ts"

const keepAliveMillis = 5_000
/** How often slow senders are looked for. */
const lookMillis = 1_000
/** Bytes of a request's head. */
export const maxHeaderSize = 16 * 1024

const maxConnections = 2_000
/** How long somebody who was told of a fault may take to hang up. */
const patience = "1 second"

interface Fault {
  readonly status: number
  readonly code: "malformed_request" | "payload_too_large"
  readonly message: string
}

const faults: Readonly<Record<string, Fault>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: "malformed_request",
    message: `the request's head has more than ${maxHeaderSize} bytes: send fewer or shorter headers`,
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: "payload_too_large",
    message: "the extensions of the body's chunks are too large: send chunks without any",
  },
  EXPECTATION: {
    status: 417,
    code: "malformed_request",
    message: "this service meets no expectation but 100-continue: leave the header Expect out",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: "malformed_request",
    message: "the request took too long to arrive: send it again, in one go",
  },
}

const noHttp: Fault = {
  status: 400,
  code: "malformed_request",
  message: "these bytes are no request of HTTP/1.1",
}

const answerText = ({ code, message, status }: Fault): string => {
  const trace_id = crypto.randomUUID().replaceAll("-", "")
  const body = JSON.stringify({ code, message, trace_id })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-trace-id: ${trace_id}`,
    "connection: close",
  ]
  return `${head.join("\r\n")}\r\n\r\n${body}`
}

const closed = (socket: Duplex): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (socket.destroyed) return resume(Effect.void)
    const done = () => resume(Effect.void)
    socket.once("close", done)
    return Effect.sync(() => socket.off("close", done))
  })

/** Who doesn't hang up when all has been said is cut off. */
const leave = (socket: Duplex): Effect.Effect<void> =>
  Effect.suspend(() => {
    socket.resume()
    return Effect.timeoutOption(closed(socket), patience)
  }).pipe(Effect.ensuring(Effect.sync(() => socket.destroy())))

/**
 * To bytes that aren't HTTP, or come too slowly: no request is there, so nothing else answers them. Who is cut
 * off at once doesn't see the answer; who doesn't hang up then is cut off, too.
 */
const answerFault = (code: string | undefined, socket: Duplex): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (code === "ECONNRESET" || !socket.writable) return Effect.sync(() => socket.destroy())
    socket.end(answerText(faults[code ?? ""] ?? noHttp))
    return leave(socket)
  })

/** The address is bound before the service answers there: who comes in between waits for it. */
const holdEarly = (server: Server, event: "request" | "upgrade"): void => {
  const early: Array<ReadonlyArray<unknown>> = []
  const hold = (...args: ReadonlyArray<unknown>): void => void early.push(args)
  const handOver = (name: string | symbol): void => {
    if (name !== event) return
    server.off("newListener", handOver)
    // It is about to be added, not there yet.
    queueMicrotask(() => {
      server.off(event, hold)
      for (const args of early) server.emit(event, ...args)
    })
  }
  server.on(event, hold)
  server.on("newListener", handOver)
}

const make = Effect.gen(function* () {
  const { headSeconds, requestSeconds } = yield* HttpSettings
  const fork = yield* FiberSet.makeRuntime<never>()
  const server = createServer({
    headersTimeout: headSeconds * 1000,
    requestTimeout: requestSeconds * 1000,
    connectionsCheckingInterval: lookMillis,
    keepAliveTimeout: keepAliveMillis,
    maxHeaderSize,
    // Without a `Host` nothing answers before the guard does.
    requireHostHeader: false,
  })
  server.maxConnections = maxConnections
  // Beyond a number of its own Node drops headers without a word, and checks would miss them.
  server.maxHeadersCount = 0
  server.on("checkExpectation", (request) => fork(answerFault("EXPECTATION", request.socket)))
  // Who asks before a body that is too large is answered without being given leave to send it.
  server.on("checkContinue", (request, response) => {
    if (Number(request.headers["content-length"] ?? 0) <= maxBodyBytes) response.writeContinue()
    server.emit("request", request, response)
  })
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => fork(answerFault(error.code, socket)))
  // Node leaves the connection of an upgrade to whoever takes it; one that is refused or breaks is nobody's.
  server.on("upgrade", (_request, socket) => {
    socket.on("error", () => socket.destroy())
    socket.once("finish", () => fork(leave(socket)))
  })
  for (const event of ["request", "upgrade"] as const) {
    server.on(event, hostFromTarget)
    holdEarly(server, event)
  }
  const sockets = new Set<Socket>()
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  const cutOff = Effect.sync(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { server, cutOff }
})

/** Node's own server: what stops it at once is beyond what the platform offers. */
export class NodeServer extends Context.Tag("exlab-wizard/NodeServer")<
  NodeServer,
  {
    readonly server: Server
    /** Ends all connections, also those that were upgraded, which Node doesn't count as its own. */
    readonly cutOff: Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.scoped(NodeServer, make)
}

/** Listens where the settings say. */
export const layer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const { server } = yield* NodeServer
    const { host, port } = yield* HttpSettings
    return NodeHttpServer.layer(() => server, { host, port })
  }),
)
