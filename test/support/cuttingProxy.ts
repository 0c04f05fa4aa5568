import { connect, createServer, type Socket } from "node:net"
import { Effect, type Scope } from "effect"

/** A proxy on the loopback that cuts every connection after so many bytes to the server. */
export const cuttingProxy = (
  to: number,
  bytes: number,
): Effect.Effect<{ readonly port: number; readonly heal: Effect.Effect<void> }, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly heal: Effect.Effect<void>; readonly close: () => void }>(
      (resume) => {
        const sockets = new Set<Socket>()
        let limit = bytes
        const server = createServer((client) => {
          const upstream = connect(to, "127.0.0.1")
          let passed = 0
          const end = (): void => {
            client.destroy()
            upstream.destroy()
          }
          for (const socket of [client, upstream]) {
            sockets.add(socket)
            socket.on("error", end)
            socket.on("close", end)
          }
          client.on("data", (chunk) => {
            passed += chunk.length
            if (passed > limit) end()
            else upstream.write(chunk)
          })
          upstream.on("data", (chunk) => client.write(chunk))
        }).listen(0, "127.0.0.1", () => {
          const address = server.address()
          resume(
            Effect.succeed({
              port: typeof address === "object" ? (address?.port ?? 0) : 0,
              heal: Effect.sync(() => (limit = Infinity)),
              close: () => {
                for (const socket of sockets) socket.destroy()
                server.close()
              },
            }),
          )
        })
      },
    ),
    ({ close }) => Effect.sync(close),
  )
