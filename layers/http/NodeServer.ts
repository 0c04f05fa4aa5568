import { createServer, type Server, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { NodeHttpServer } from "@effect/platform-node"
import { Context, Effect, Layer } from "effect"
import { HttpSettings } from "./HttpSettings.ts"

/** Node's own server: what stops it at once is beyond what the platform offers. */
export class NodeServer extends Context.Tag("exlab-wizard/NodeServer")<NodeServer, Server>() {
  static readonly layer = Layer.effect(NodeServer, Effect.sync(make))
}

/** Milliseconds: who sends slower than this is cut off. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16 * 1024,
} as const

const maxConnections = 2_000

const statusOfFault: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** To bytes that aren't HTTP, or come too slowly: no request is there, so nothing else answers them. */
const answerFault = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy()
  const status = statusOfFault[error.code ?? ""] ?? 400
  const trace_id = crypto.randomUUID().replaceAll("-", "")
  const reason = STATUS_CODES[status] ?? ""
  const body = JSON.stringify({ code: "malformed_request", message: reason.toLowerCase(), trace_id })
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-trace-id: ${trace_id}`,
    "connection: close",
  ]
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`)
}

function make(): Server {
  const server = createServer(limits)
  server.maxConnections = maxConnections
  server.on("clientError", answerFault)
  // Node leaves the connection of an upgrade to whoever takes it; one that breaks before is nobody's.
  server.on("upgrade", (_request, socket) => socket.on("error", () => socket.destroy()))
  return server
}

/** Listens where the settings say. */
export const layer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const server = yield* NodeServer
    const { host, port } = yield* HttpSettings
    return NodeHttpServer.layer(() => server, { host, port })
  }),
)
