import { connect, type Socket as NodeSocket } from "node:net"
import { NodeSocket as PlatformSocket } from "@effect/platform-node"
import { Socket } from "@effect/platform"
import { expect, it } from "@effect/vitest"
import { Effect, Random, TestClock } from "effect"
import type { SessionId } from "../../../src/domain/Session.ts"
import { until } from "../../support/world.ts"
import { answerIt, asking, followCut, numbered, waitingSession } from "./asking.ts"
import { call, framesOf } from "./calls.ts"
import { exchange, request, told } from "./rawSocket.ts"
import { startService } from "./service.ts"

it.scopedLive("fifty readers that are cut at random see what one sees who never is", () =>
  Effect.gen(function* () {
    const { url } = yield* startService({ plugins: asking })
    const { session } = yield* waitingSession(url)
    const seeds = yield* Effect.replicateEffect(Random.nextIntBetween(1, 4), 50)
    const whole = yield* Effect.fork(call(`${session}/events`))
    const readers = yield* Effect.fork(
      Effect.forEach(seeds, (seed, index) => followCut(`${session}/events`, () => 1 + ((seed + index) % 4)), {
        concurrency: "unbounded",
      }),
    )
    expect((yield* answerIt(session)).status).toBe(200)
    const expected = numbered(framesOf((yield* whole).text))
    expect(expected.at(-1)?.event).toBe("done")
    for (const seen of yield* readers) expect(seen).toEqual(expected)
  }),
)

it.scopedLive("a WebSocket gets the same frames, one a message, and is closed after the last", () =>
  Effect.gen(function* () {
    const { url } = yield* startService({ plugins: asking })
    const { session } = yield* waitingSession(url)
    const messages: Array<Record<string, unknown>> = []
    const socket = yield* Socket.makeWebSocket(`${session.replace("http:", "ws:")}/events?after=1`, {
      closeCodeIsError: (code) => code !== 1000,
    })
    const following = yield* Effect.fork(
      socket.runRaw((message) => void messages.push(JSON.parse(String(message)) as Record<string, unknown>)),
    )
    yield* until(
      "the prompt's frame",
      Effect.sync(() => messages.some(({ kind }) => kind === "input_required")),
    )
    yield* answerIt(session)
    yield* following
    const kept = (frames: ReadonlyArray<Record<string, unknown>>) =>
      frames.filter(({ kind }) => kind !== "progress")
    const frames = framesOf((yield* call(`${session}/events?after=1`)).text).map(({ data }) => data ?? {})
    expect(kept(messages)).toEqual(kept(frames))
  }).pipe(Effect.provide(PlatformSocket.layerWebSocketConstructor)),
)

const openRaw = (url: string, path: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const socket = connect(Number(new URL(url).port), "127.0.0.1")
      socket.on("error", () => {})
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\n\r\n`)
      return socket
    }),
    (socket: NodeSocket) => Effect.sync(() => socket.destroy()),
  )

it.scoped("a comment comes every fifteen seconds, and counts as the client's sign of life", () =>
  Effect.gen(function* () {
    const { store, url } = yield* startService({ plugins: asking })
    const { id, session } = yield* waitingSession(url)
    const socket = yield* openRaw(url, `${new URL(session).pathname}/events?after=99`)
    let text = ""
    socket.on("data", (chunk) => (text += chunk.toString("utf8")))
    const comments = () => text.split("\n").filter((line) => line.startsWith(":")).length
    yield* until(
      "the first comment",
      Effect.sync(() => comments() === 1),
    )
    const { lastHeartbeat } = yield* store.get(id as SessionId)
    for (const count of [2, 3, 4]) {
      yield* TestClock.adjust("15 seconds")
      yield* until(
        "another comment",
        Effect.sync(() => comments() === count),
      )
    }
    const later = (yield* store.get(id as SessionId)).lastHeartbeat
    expect(later.epochMillis - lastHeartbeat.epochMillis).toBe(45_000)
  }),
)

it.scoped("a reader who doesn't read is cut off after a minute, and hardly anything waits for it", () =>
  Effect.gen(function* () {
    const { store, url } = yield* startService({ plugins: asking })
    const { id, session } = yield* waitingSession(url)
    const message = "x".repeat(100_000)
    yield* Effect.replicateEffect(store.emit(id as SessionId, { kind: "warning", message }), 300)
    const socket = yield* openRaw(url, `${new URL(session).pathname}/events`)
    let ended = false
    socket.on("close", () => (ended = true))
    yield* until(
      "the first bytes",
      Effect.sync(() => socket.bytesRead > 0),
    )
    socket.pause()
    const open = Effect.map(
      call(`${url}/api/v1/metrics`),
      ({ text }) => /^exlab_event_subscribers (\d+)/m.exec(text)?.[1],
    )
    yield* until(
      "the reader is known",
      Effect.map(open, (count) => count === "1"),
    )
    yield* until(
      "the reader is cut off",
      Effect.zipRight(
        TestClock.adjust("5 seconds"),
        Effect.map(open, (count) => count === "0"),
      ),
    )
    expect(socket.bytesRead).toBeLessThan(15_000_000)
    socket.resume()
    yield* until(
      "the end",
      Effect.sync(() => ended),
    )
  }),
)

const upgrade = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
}

it.scopedLive(
  "an upgrade that is none is refused, one that breaks off is forgotten, and the service still stops",
  () =>
    Effect.gen(function* () {
      const { url } = yield* startService({ plugins: asking })
      const { session } = yield* waitingSession(url)
      const line = `GET ${new URL(session).pathname}/events`
      const wrong = [
        { "sec-websocket-version": "8" },
        { "sec-websocket-version": "" },
        { "sec-websocket-key": "short" },
        { "sec-websocket-protocol": "a,,b" },
      ]
      for (const headers of wrong) {
        const answer = told(yield* request(url, line, { ...upgrade, ...headers }))
        expect(answer).toEqual({ status: 400, code: "malformed_request", traced: true })
      }
      const head = [`${line} HTTP/1.1`, `host: ${new URL(url).host}`]
      const lines = [...head, ...Object.entries(upgrade).map(([name, value]) => `${name}: ${value}`), "", ""]
      yield* Effect.promise(async () => {
        for (let n = 0; n < 100; n += 1) {
          const socket = connect(Number(new URL(url).port), "127.0.0.1")
          socket.on("error", () => {})
          await new Promise<void>((sent) => socket.write(lines.join("\r\n"), () => sent()))
          socket.resetAndDestroy()
        }
      })
      const open = Effect.map(call(`${url}/api/v1/metrics`), ({ text }) =>
        text.includes("exlab_event_subscribers 0\n"),
      )
      yield* until("nobody follows", open)
    }),
)

it.scopedLive("a WebSocket that is read in bits piles up no listeners", () =>
  Effect.gen(function* () {
    const warnings: Array<Error> = []
    const warned = (warning: Error) => void warnings.push(warning)
    process.on("warning", warned)
    yield* Effect.addFinalizer(() => Effect.sync(() => process.off("warning", warned)))
    const { store, url } = yield* startService({ plugins: asking })
    const { id, session } = yield* waitingSession(url)
    const message = "x".repeat(1_000_000)
    yield* Effect.replicateEffect(store.emit(id as SessionId, { kind: "warning", message }), 40)
    const head = [`GET ${new URL(session).pathname}/events HTTP/1.1`, `host: ${new URL(url).host}`]
    const lines = [...head, ...Object.entries(upgrade).map(([name, value]) => `${name}: ${value}`), "", ""]
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => connect(Number(new URL(url).port), "127.0.0.1")),
      (open) => Effect.sync(() => open.destroy()),
    )
    socket.on("error", () => {})
    socket.write(lines.join("\r\n"))
    socket.on("data", () => {
      socket.pause()
      setImmediate(() => socket.resume())
    })
    yield* until(
      "all of it",
      Effect.sync(() => socket.bytesRead > 40_000_000),
    )
    expect(warnings).toEqual([])
  }),
)

/** https://www.rfc-editor.org/rfc/rfc6455#section-5.2, with a mask of zeros. */
const ping = "\x89\x82\0\0\0\0hi"
const goodbye = "\x88\x82\0\0\0\0\x03\xe8"

it.scopedLive("what comes together with an upgrade is answered", () =>
  Effect.gen(function* () {
    const { url } = yield* startService({ plugins: asking })
    const { session } = yield* waitingSession(url)
    const head = [
      `GET ${new URL(session).pathname}/events HTTP/1.1`,
      `host: ${new URL(url).host}`,
      ...Object.entries(upgrade).map(([name, value]) => `${name}: ${value}`),
    ].join("\r\n")
    const answer = yield* exchange(url, `${head}\r\n\r\n${ping}${goodbye}`)
    expect(answer).toMatch(/^HTTP\/1.1 101 /)
    expect(answer).toContain("\x8a\x02hi")
    expect(answer.slice(-4)).toBe("\x88\x02\x03\xe8")
  }),
)

it.scopedLive("who sends too much into a stream of events is cut off", () =>
  Effect.gen(function* () {
    const { url } = yield* startService({ plugins: asking })
    const { session } = yield* waitingSession(url)
    const socket = yield* Socket.makeWebSocket(`${session.replace("http:", "ws:")}/events`)
    const write = yield* socket.writer
    const following = yield* Effect.fork(Effect.exit(socket.runRaw(() => {})))
    yield* Effect.fork(Effect.ignore(Effect.repeatN(write("x".repeat(500_000)), 9)))
    yield* following
    expect((yield* answerIt(session)).status).toBe(200)
  }).pipe(Effect.provide(PlatformSocket.layerWebSocketConstructor)),
)
