import { IncomingMessage } from "node:http"
import { queryObjects } from "node:v8"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { until } from "../../support/world.ts"
import { call } from "./calls.ts"
import { holdOpen, told } from "./rawSocket.ts"
import { startService } from "./service.ts"

const headOf = (url: string, ...lines: ReadonlyArray<string>): string =>
  [...lines, `host: ${new URL(url).host}`].join("\r\n")

const halfHead = (url: string): string => headOf(url, "GET /api/v1/sessions HTTP/1.1")

const halfBody = (url: string): string =>
  `${headOf(url, "POST /api/v1/sessions HTTP/1.1", "content-type: application/json", "content-length: 1000")}\r\n\r\n{"kind":`

/** Connections and requests of this process that something still holds. */
const held = () => ({
  sockets: process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length,
  requests: queryObjects(IncomingMessage, { format: "count" }),
})

it.scopedLive(
  "a thousand requests that were sent by half hold nobody up, and are shed when their time is over",
  () =>
    Effect.gen(function* () {
      const { url } = yield* startService({ http: { headSeconds: 5, requestSeconds: 5 } })
      const closing = { headers: { connection: "close" } }
      expect((yield* call(`${url}/api/v1/ready`, closing)).status).toBe(200)
      const before = held()
      yield* Effect.gen(function* () {
        const parts = Array.from({ length: 500 }).flatMap(() => [halfHead(url), halfBody(url)])
        const slow = yield* Effect.forEach(parts, (part) => holdOpen(url, part), { concurrency: 50 })
        const others = yield* Effect.replicateEffect(call(`${url}/api/v1/sessions`, closing), 20)
        expect(others.map(({ status }) => status)).toEqual(others.map(() => 200))
        // Some must still have been waiting while the others were answered.
        expect(slow.filter(({ received }) => received() === "").length).toBeGreaterThan(0)
        // None of them hangs up.
        yield* until(
          "all are told",
          Effect.sync(() => slow.every(({ received }) => received() !== "")),
        )
        const answers = new Set(slow.map(({ received }) => JSON.stringify(told(received()))))
        expect([...answers].map((answer) => JSON.parse(answer) as unknown)).toEqual([
          { status: 408, code: "malformed_request", traced: true },
        ])
        yield* until(
          "the service has closed them",
          Effect.sync(() => held().sockets <= before.sockets + slow.length),
        )
      }).pipe(Effect.scoped)
      yield* until(
        "nothing is held",
        Effect.map(
          Effect.delay(Effect.sync(held), "100 millis"),
          ({ requests, sockets }) => requests <= before.requests && sockets <= before.sockets,
        ),
      )
    }),
)

it.scopedLive("who sends what is no HTTP and doesn't hang up is cut off all the same", () =>
  Effect.gen(function* () {
    const { url } = yield* startService()
    const socket = yield* holdOpen(url, "HELO service\r\n\r\n")
    yield* until(
      "the answer",
      Effect.sync(() => socket.received() !== ""),
    )
    expect(told(socket.received()).status).toBe(400)
    yield* until(
      "the connection is gone",
      Effect.sync(() => {
        socket.write("x".repeat(1000))
        return socket.isBroken()
      }),
    )
  }),
)

it.scopedLive("requests that come in one go are answered in their order", () =>
  Effect.gen(function* () {
    const { url } = yield* startService()
    const { host } = new URL(url)
    const count = 300
    const get = (n: number) =>
      `GET /api/v1/sessions?limit=1 HTTP/1.1\r\nhost: ${host}\r\nx-trace-id: request-${n}\r\n\r\n`
    const post = (n: number) =>
      `POST /api/v1/sessions HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 1\r\nx-trace-id: request-${n}\r\n\r\n{`
    const all = Array.from({ length: count }, (_, n) => (n % 3 === 0 ? post(n) : get(n)))
    const socket = yield* holdOpen(url, all.join(""))
    const traces = () => [...socket.received().matchAll(/^x-trace-id: request-(\d+)$/gim)].map(([, n]) => n)
    yield* until(
      "all answers",
      Effect.sync(() => traces().length === count),
    )
    expect(traces()).toEqual(all.map((_, n) => String(n)))
    const statuses = [...socket.received().matchAll(/HTTP\/1.1 (\d+) /g)].map(([, status]) => status)
    expect(statuses).toEqual(all.map((_, n) => (n % 3 === 0 ? "400" : "200")))
  }),
)
