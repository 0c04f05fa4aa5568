import { FetchHttpClient, HttpClient, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Clock, Duration, Effect, Fiber, Layer, Random, Schema, Stream, TestClock } from "effect"
import type { PluginScripts } from "../../layers/plugins/ScriptedPluginHost.ts"
import { WizardClient } from "../../src/client/WizardClient.ts"
import { SessionId } from "../../src/domain/Session.ts"
import type { SessionEvent } from "../../src/domain/SessionEvent.ts"
import { startService } from "../layers/http/service.ts"
import { projectRequest } from "../support/requests.ts"
import { until } from "../support/world.ts"
import { startProxy } from "./proxy.ts"

const asking: PluginScripts = {
  asks: {
    moves: [
      { do: "ask", reason: "what can't be known", fields: [{ id: "plate", label: "Plate", type: "string" }] },
    ],
  },
}

/** Time for the client only, so that its waits are short. */
const hurried: Clock.Clock = new Proxy(Clock.make(), {
  get: (clock, name) =>
    name === "sleep"
      ? (duration: Duration.Duration) => clock.sleep(Duration.times(duration, 0.02))
      : Reflect.get(clock, name),
})

const numbered = (events: Chunk.Chunk<SessionEvent>) =>
  Chunk.toReadonlyArray(events).filter(({ kind }) => kind !== "progress")

/** A service behind a proxy, clients of both, and a session that waits for its answer. */
const waiting = Effect.gen(function* () {
  const proxy = yield* startProxy
  const allowedHosts = [`127.0.0.1:${proxy.port}`]
  const { store, url } = yield* startService({ plugins: asking, http: { allowedHosts } })
  proxy.target = url
  const clientAt = (at: string) => Effect.provide(WizardClient, WizardClient.layer({ url: at }))
  const direct = yield* clientAt(url)
  const proxied = yield* clientAt(`http://127.0.0.1:${proxy.port}/`)
  const { sessionId } = yield* direct.sessions.create({
    payload: { kind: "project", ...projectRequest({ templatePath: "asks_project" }) },
  })
  const answer = direct.sessions.resume({
    path: { id: sessionId },
    payload: { extraInputs: { plate: "P-1" } },
  })
  yield* until(
    "the prompt",
    Effect.map(store.get(sessionId), ({ state }) => state === "input_required"),
  )
  return { proxy, url, store, direct, proxied, sessionId, answer }
})

const clients = [
  ["fetch", FetchHttpClient.layer],
  ["Node", NodeHttpClient.layer],
] as const

describe.each(clients)("events by %s", (_, httpClient) => {
  it.scopedLive("a stream that is cut at random is one that never was", () =>
    Effect.gen(function* () {
      const { answer, direct, proxied, proxy, sessionId, store } = yield* waiting
      const seed = yield* Random.nextIntBetween(0, 1_000_000)
      let drawn = seed
      proxy.bytesUntilCut = () => 1 + ((drawn = (drawn * 1_103_515_245 + 12_345) % 2_147_483_648) % 6_000)
      const whole = yield* Effect.fork(Stream.runCollect(direct.events(sessionId)))
      const cut = yield* Effect.fork(Effect.withClock(Stream.runCollect(proxied.events(sessionId)), hurried))
      yield* Effect.forEach(Array.from({ length: 200 }), (_, index) =>
        store.emit(sessionId, { kind: "warning", message: `${index} µm · ${"日本🧫".repeat(20)}` }),
      )
      yield* answer
      const expected = numbered(yield* whole)
      expect(expected.map(({ seq }) => seq)).toEqual(expected.map((_, index) => index + 1))
      expect(expected.at(-1)?.kind).toBe("done")
      expect(numbered(yield* cut), `seed ${seed}`).toEqual(expected)
      expect(proxy.connections).toBeGreaterThan(3)
    }).pipe(Effect.provide(httpClient)),
  )

  it.scopedLive("goes on after a while without the service, and from a number", () =>
    Effect.gen(function* () {
      const { answer, direct, proxied, proxy, sessionId, url } = yield* waiting
      const seen: Array<SessionEvent> = []
      proxy.target = null
      const following = yield* Stream.runForEach(proxied.events(sessionId, { after: 1 }), (event) =>
        Effect.sync(() => seen.push(event)),
      ).pipe(Effect.withClock(hurried), Effect.fork)
      yield* answer
      yield* direct.awaitResult(sessionId)
      expect(seen).toEqual([])
      proxy.target = url
      yield* following
      const expected = numbered(yield* Stream.runCollect(direct.events(sessionId))).slice(1)
      expect(seen).toEqual(expected)
      const last = expected.at(-1)?.seq
      expect(numbered(yield* Stream.runCollect(direct.events(sessionId, { after: last })))).toEqual([])
    }).pipe(Effect.provide(httpClient)),
  )

  it.scopedLive("who stops following closes the connection", () =>
    Effect.gen(function* () {
      const { proxied, proxy, sessionId } = yield* waiting
      const isOpen = (count: number) => Effect.sync(() => proxy.open === count)
      const following = yield* Effect.fork(Stream.runDrain(proxied.events(sessionId)))
      yield* until("the connection", isOpen(1))
      yield* Fiber.interrupt(following)
      yield* until("its end after an interruption", isOpen(0))
      expect(Chunk.size(yield* Stream.runCollect(Stream.take(proxied.events(sessionId), 1)))).toBe(1)
      yield* until("its end after enough", isOpen(0))
    }).pipe(Effect.provide(httpClient)),
  )
})

const id = Schema.decodeSync(SessionId)("7f1dbe2a-4c1f-4d8e-9d57-0b3f6c1a2e4d")
const at = "2026-04-17T14:32:00.000Z"
const warning = (seq: number) =>
  `data: {"kind":"warning","seq":${seq},"at":"${at}","phase":null,"message":"w"}\n\n`
const aborted = (seq: number) =>
  `data: {"kind":"aborted","seq":${seq},"at":"${at}","result":{"code":"cancelled","discarded":true}}\n\n`

type Answer = (request: HttpClientRequest.HttpClientRequest) => Response

const streamOf = (text: string, rest: "ends" | "hangs" = "ends"): Response => {
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text))
      if (rest === "ends") controller.close()
    },
  })
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } })
}

/** A client of a service that answers so, one connection after the other, the last for ever. */
const scripted = (answers: ReadonlyArray<Answer>) => {
  const asked: Array<string | undefined> = []
  const signals: Array<AbortSignal> = []
  const http = HttpClient.make((request, _url, signal) =>
    Effect.sync(() => {
      signals.push(signal)
      asked.push(request.headers["last-event-id"])
      const answer = answers[Math.min(asked.length, answers.length) - 1]!
      return HttpClientResponse.fromWeb(request, answer(request))
    }),
  )
  const client = Layer.provide(
    WizardClient.layer({ url: "http://service", giveUpAfter: "2 minutes" }),
    Layer.succeed(HttpClient.HttpClient, http),
  )
  const run = <A, E>(use: (client: WizardClient["Type"]) => Effect.Effect<A, E>) =>
    Effect.provide(Effect.flatMap(WizardClient, use), client)
  return { asked, events: run((it) => Stream.runCollect(it.events(id))), run, signals }
}

/** Lets the time pass that something takes. */
const inTime = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    const passing = yield* Effect.fork(
      Effect.forever(
        Effect.zipRight(
          TestClock.adjust("500 millis"),
          Effect.promise(() => Promise.resolve()),
        ),
      ),
    )
    return yield* Effect.ensuring(Fiber.join(fiber), Fiber.interrupt(passing))
  })

const seqs = (events: Chunk.Chunk<SessionEvent>) => Chunk.toReadonlyArray(events).map(({ seq }) => seq)

describe("events of a service that behaves badly", () => {
  it.effect("what comes twice is seen once", () =>
    Effect.gen(function* () {
      const text = `${warning(1)}${warning(1)}${warning(2)}`
      const { asked, events } = scripted([() => streamOf(text), () => streamOf(`${text}${aborted(3)}`)])
      expect(seqs(yield* inTime(events))).toEqual([1, 2, 3])
      expect(asked).toEqual(["0", "2"])
    }),
  )

  it.effect("a gap is asked for again, and nothing behind it is seen before", () =>
    Effect.gen(function* () {
      const { asked, events } = scripted([
        () => streamOf(`${warning(1)}${warning(3)}${aborted(4)}`),
        () => streamOf(`${warning(2)}${warning(3)}${aborted(4)}`),
      ])
      expect(seqs(yield* inTime(events))).toEqual([1, 2, 3, 4])
      expect(asked).toEqual(["0", "1"])
    }),
  )

  it.effect("who falls silent is left", () =>
    Effect.gen(function* () {
      const { asked, events } = scripted([() => streamOf(warning(1), "hangs"), () => streamOf(aborted(2))])
      expect(seqs(yield* inTime(events))).toEqual([1, 2])
      expect(asked).toEqual(["0", "1"])
    }),
  )

  it.effect("an error in the stream, and answers that pass, are waited out", () =>
    Effect.gen(function* () {
      const { events } = scripted([
        () => streamOf('event: error\ndata: {"code":"internal_error","message":"m","trace_id":"t"}\n\n'),
        ...[408, 429, 500, 502, 503].map((status) => () => new Response("<html>", { status })),
        () => streamOf(aborted(1)),
      ])
      expect(seqs(yield* inTime(events))).toEqual([1])
    }),
  )

  it.effect("no connection outlives what was made of it, read or not", () =>
    Effect.gen(function* () {
      const { events, signals } = scripted([
        () => new Response(new ReadableStream(), { status: 503 }),
        () => streamOf(warning(1), "hangs"),
        () => streamOf(aborted(2), "hangs"),
      ])
      expect(seqs(yield* inTime(events))).toEqual([1, 2])
      expect(signals.map(({ aborted: isClosed }) => isClosed)).toEqual([true, true, true])
    }),
  )

  it.effect("it is given up in the end, with the number to go on from", () =>
    Effect.gen(function* () {
      const { asked, events } = scripted([
        () => streamOf(warning(1)),
        () => new Response("", { status: 503 }),
      ])
      const error = yield* Effect.flip(inTime(events))
      expect(error).toMatchObject({ _tag: "EventsLost", sessionId: id, after: 1 })
      expect(String(error)).toContain("503")
      expect(asked.length).toBeGreaterThan(10)
      expect(asked.length).toBeLessThan(30)
    }),
  )

  it.effect("connections that last don't use up the patience", () =>
    Effect.gen(function* () {
      const hanging = Array.from({ length: 5 }, () => () => streamOf(": still here\n\n", "hangs"))
      const { events } = scripted([...hanging, () => streamOf(aborted(1))])
      expect(seqs(yield* inTime(events))).toEqual([1])
    }),
  )

  it.effect("an event that isn't one ends it", () =>
    Effect.gen(function* () {
      const { asked, events } = scripted([
        () => streamOf(`${warning(1)}data: {"kind":"w`),
        () => streamOf("data: {}\n\n"),
      ])
      expect(yield* Effect.flip(inTime(events))).toMatchObject({ _tag: "ParseError" })
      expect(asked).toEqual(["0", "1"])
    }),
  )

  it.effect("what answers in the service's place ends it", () =>
    Effect.gen(function* () {
      for (const status of [200, 302, 404]) {
        const { asked, events } = scripted([() => new Response("<html>", { status })])
        expect(yield* Effect.flip(inTime(events))).toMatchObject({ _tag: "ResponseError" })
        expect(asked).toHaveLength(1)
      }
    }),
  )

  it.effect("a session without an end has no result", () =>
    Effect.gen(function* () {
      const { run } = scripted([() => new Response(null, { status: 204 })])
      const error = yield* Effect.flip(run((client) => client.awaitResult(id)))
      expect(error).toMatchObject({ _tag: "EventsLost", after: 0 })
    }),
  )
})
