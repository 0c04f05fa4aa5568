import { connect, type Socket } from "node:net"
import { Effect } from "effect"

const portOf = (url: string): number => Number(new URL(url).port)

/** Sends bytes as they are, and gives what comes back until the other side closes. */
export const exchange = (url: string, ...parts: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.async<string>((resume) => {
    const chunks: Array<Buffer> = []
    const socket = connect(portOf(url), "127.0.0.1", () => {
      for (const part of parts) socket.write(part, "latin1")
    })
    socket.on("data", (chunk) => chunks.push(chunk))
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(Buffer.concat(chunks).toString("latin1"))))
    return Effect.sync(() => socket.destroy())
  })

/** The same for a request with these lines in its head. */
export const request = (url: string, line: string, headers: Readonly<Record<string, string>>, body = "") =>
  exchange(
    url,
    [
      `${line} HTTP/1.1`,
      ...Object.entries({ host: new URL(url).host, connection: "close", ...headers }).map(
        ([name, value]) => `${name}: ${value}`,
      ),
      "",
      body,
    ].join("\r\n"),
  )

export interface OpenSocket {
  readonly write: (part: string) => void
  /** What has come back. */
  readonly received: () => string
  readonly isBroken: () => boolean
}

/** A connection on which these bytes were sent, and that this side doesn't close before the scope. */
export const holdOpen = (url: string, bytes: string) =>
  Effect.acquireRelease(
    Effect.async<Socket>((resume) => {
      const socket = connect({ port: portOf(url), host: "127.0.0.1", allowHalfOpen: true })
      socket.on("error", () => {})
      socket.write(bytes, "latin1", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => socket.destroy()),
  ).pipe(
    Effect.map((socket): OpenSocket => {
      const chunks: Array<Buffer> = []
      socket.on("data", (chunk) => chunks.push(chunk))
      return {
        write: (part) => void socket.write(part, "latin1"),
        received: () => Buffer.concat(chunks).toString("latin1"),
        isBroken: () => socket.destroyed,
      }
    }),
  )

export interface Told {
  readonly status: number
  readonly code: string
  readonly traced: boolean
}

/** Status and code of an answer that must be our envelope. */
export const told = (answer: string): Told => {
  const [head = "", body = ""] = answer.split("\r\n\r\n")
  const { code, trace_id } = JSON.parse(body) as { readonly code: string; readonly trace_id: string }
  const header = /^x-trace-id: (\S+)$/im.exec(head)?.[1]
  return { status: Number(head.split(" ")[1]), code, traced: header === trace_id }
}
