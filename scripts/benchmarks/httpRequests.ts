import { Agent, type IncomingMessage, request } from "node:http"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { Effect, Schema, type Scope } from "effect"
import type { PartialSettings } from "../../layers/EmbeddedSettings.ts"
import { ProjectCreateRequest } from "../../src/domain/CreateRequest.ts"

/** Of every service that is compared. */
export const settingsBelow = (root: string): PartialSettings => ({
  paths: { localRoot: join(root, "local") },
  sessions: { maxWorking: 8, shutdownGraceSeconds: 0 },
})

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

const read = (response: IncomingMessage): Promise<string> =>
  new Promise((done, fail) => {
    let text = ""
    response.setEncoding("utf8")
    response.on("data", (part: string) => (text += part))
    response.on("end", () => done(text)).on("error", fail)
  })

/** One request over a connection that is kept, and its answer's text. */
export const exchange = (url: string, body?: string): Effect.Effect<string> =>
  Effect.promise(
    () =>
      new Promise<string>((done, fail) => {
        const method = body === undefined ? "GET" : "POST"
        const headers = body === undefined ? {} : { "content-type": "application/json" }
        request(url, { agent, method, headers }, (response) => void read(response).then(done, fail))
          .on("error", fail)
          .end(body)
      }),
  )

const encodeProject = Schema.encodeSync(ProjectCreateRequest)

const Handle = Schema.parseJson(Schema.Struct({ session_id: Schema.String }))

/** Opens a session; its URL. */
export const open = (url: string, project: ProjectCreateRequest) =>
  Effect.gen(function* () {
    const sessions = `${url}/api/v1/sessions`
    const answer = yield* exchange(sessions, JSON.stringify({ kind: "project", ...encodeProject(project) }))
    const { session_id: id } = yield* Schema.decode(Handle)(answer)
    return { id, session: `${sessions}/${id}` }
  })

/** A connection of its own, on which one request was sent. */
export const connected = (url: string): Effect.Effect<Socket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Socket>((resume) => {
      const { host, pathname, port } = new URL(url)
      const socket = connect(Number(port), "127.0.0.1", () => {
        socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
        resume(Effect.succeed(socket))
      })
      socket.setNoDelay(true).setEncoding("latin1")
    }),
    (socket) => Effect.sync(() => socket.destroy()),
  )
