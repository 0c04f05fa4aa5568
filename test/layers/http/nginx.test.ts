import { NodeSocket } from "@effect/platform-node"
import { Socket } from "@effect/platform"
import { expect, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { until } from "../../support/world.ts"
import { answerIt, asking, followCut, numbered, waitingSession } from "./asking.ts"
import { call, framesOf } from "./calls.ts"
import { nginxProblem, startNginx } from "./nginx.ts"
import { startService } from "./service.ts"

const notRun = nginxProblem === null ? "" : ` (not run: ${nginxProblem})`

const through = it.scopedLive.skipIf(nginxProblem !== null)

it("nginx is there where this is built for others", () => {
  if (process.env["CI"] === "true") expect(nginxProblem).toBe(null)
})

/** A service behind nginx as Debian has it, and a session of it that waits for its answer. */
const behindNginx = Effect.gen(function* () {
  let direct = ""
  const url = yield* startNginx((port) =>
    Effect.map(
      startService({ plugins: asking, http: { allowedHosts: [`127.0.0.1:${port}`] } }),
      (service) => (direct = service.url),
    ),
  )
  const { id, session } = yield* waitingSession(direct)
  return { events: `${url}/api/v1/sessions/${id}/events`, session }
})

through(`events arrive while the session goes on, although the proxy buffers${notRun}`, () =>
  Effect.gen(function* () {
    const { events, session } = yield* behindNginx
    const response = yield* Effect.promise((signal) => fetch(events, { signal }))
    const reader = response.body!.getReader()
    const decoder = new TextDecoder()
    let text = ""
    const more = Effect.map(
      Effect.promise(() => reader.read()),
      ({ done, value }) => {
        text += decoder.decode(value, { stream: true })
        return done
      },
    )
    yield* Effect.repeat(more, { until: () => text.includes("event: input_required\n") })
    expect(text).not.toContain("event: done\n")
    yield* answerIt(session)
    yield* Effect.repeat(more, { until: (done) => done })
    expect(framesOf(text).at(-1)?.event).toBe("done")
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
