import { NodeSocket } from "@effect/platform-node"
import { Socket } from "@effect/platform"
import { expect, it } from "@effect/vitest"
import { Effect, Random, Stream } from "effect"
import type { SessionId } from "../../../src/domain/Session.ts"
import { until } from "../../support/world.ts"
import { answerIt, asking, followCut, numbered, waitingSession } from "./asking.ts"
import { call, framesOf } from "./calls.ts"
import { freePort, nginxProblem, startNginx } from "./nginx.ts"
import { startService } from "./service.ts"

const notRun = nginxProblem === null ? "" : ` (not run: ${nginxProblem})`

const through = it.scopedLive.skipIf(nginxProblem !== null)

it("nginx is there where this is built for others", () => {
  if (process.env["CI"] === "true") expect(nginxProblem).toBe(null)
})

/** A service behind nginx as Debian has it, and a session of it that waits for its answer. */
const behindNginx = Effect.gen(function* () {
  const port = yield* freePort
  const http = { allowedHosts: [`127.0.0.1:${port}`] }
  const service = yield* startService({ plugins: asking, http })
  const url = yield* startNginx(port, service.url)
  const { id, session } = yield* waitingSession(service.url)
  const prompt = Stream.takeUntil(
    service.store.subscribe(id as SessionId, 0),
    ({ kind }) => kind === "input_required",
  )
  const { seq: lastSeq } = yield* Effect.flatten(Stream.runLast(prompt))
  const warn = (message: string) => service.store.emit(id as SessionId, { kind: "warning", message })
  const path = `api/v1/sessions/${id}/events`
  return { events: `${url}/${path}`, buffered: `${url}/old/${path}`, session, lastSeq, warn }
})

through(`events arrive while the session goes on, although the proxy buffers${notRun}`, () =>
  Effect.gen(function* () {
    const { buffered, lastSeq, warn } = yield* behindNginx
    const response = yield* Effect.promise((signal) => fetch(`${buffered}?after=${lastSeq}`, { signal }))
    const reader = response.body!.getReader()
    const decoder = new TextDecoder()
    let text = ""
    const arrives = (part: string) =>
      Effect.repeat(
        Effect.map(
          Effect.promise(() => reader.read()),
          ({ value }) => (text += decoder.decode(value, { stream: true })),
        ),
        { until: () => text.includes(part) },
      )
    yield* arrives(": open\n\n")
    // Each is far smaller than a buffer, and the next comes only when it has arrived.
    for (const word of ["one", "two", "three"]) yield* Effect.zipRight(warn(word), arrives(`"${word}"`))
  }),
)

through(`fifty readers that are cut at random see through the proxy what one sees without it${notRun}`, () =>
  Effect.gen(function* () {
    const { events, session } = yield* behindNginx
    const seed = yield* Random.nextIntBetween(0, 1_000_000)
    let drawn = seed
    const cuts = () => 1 + ((drawn = (drawn * 1_103_515_245 + 12_345) % 2_147_483_648) % 4)
    const readers = yield* Effect.fork(
      Effect.replicateEffect(followCut(events, cuts), 50, { concurrency: "unbounded" }),
    )
    yield* answerIt(session)
    const expected = numbered(framesOf((yield* call(`${session}/events`)).text))
    expect(expected.at(-1)?.event).toBe("done")
    for (const seen of yield* readers) expect(seen, `seed ${seed}`).toEqual(expected)
  }),
)

through(`a WebSocket that is cut and comes back misses nothing through the proxy${notRun}`, () =>
  Effect.gen(function* () {
    const { events, session } = yield* behindNginx
    const seen: Array<Record<string, unknown>> = []
    const after = () => Number(seen.findLast(({ kind }) => kind !== "progress")?.["seq"] ?? 0)
    const follow = (enough: number) =>
      Effect.gen(function* () {
        const socket = yield* Socket.makeWebSocket(`${events.replace("http:", "ws:")}?after=${after()}`)
        yield* Effect.raceFirst(
          socket.runRaw((message) => void seen.push(JSON.parse(String(message)) as Record<string, unknown>)),
          until(
            "frames",
            Effect.sync(() => after() >= enough),
          ),
        )
      }).pipe(Effect.provide(NodeSocket.layerWebSocketConstructor))
    yield* follow(1)
    yield* follow(2)
    const rest = yield* Effect.fork(follow(Number.POSITIVE_INFINITY))
    yield* answerIt(session)
    yield* rest
    const expected = numbered(framesOf((yield* call(`${session}/events`)).text)).map(({ data }) => data)
    expect(seen.filter(({ kind }) => kind !== "progress")).toEqual(expected)
  }),
)
