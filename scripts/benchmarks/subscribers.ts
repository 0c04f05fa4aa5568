import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { Array, Console, Duration, Effect, Fiber, Layer, Stream } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import * as Embedded from "../../layers/Embedded.ts"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { Announcements, layer as announcingHost } from "./AnnouncingPluginHost.ts"
import type { Benchmark } from "./Benchmark.ts"
import { spread } from "./figures.ts"
import * as ForgetfulDisk from "./ForgetfulDisk.ts"
import { heldBy } from "./heap.ts"
import { projectRequest } from "./requests.ts"
import { until } from "./until.ts"
import { folderInMemory, writeTemplate } from "./workplace.ts"

const subscribersOfAll = 1000
const warnings = 50
const rounds = 5

/** What a subscriber finds at once: the phases up to the plugins'. */
const backlog = 3

const manifest = `name: plate
version: "1.0"
type: project
plugins: [plate-reader]
`

/** The service below `root`, with a plugin that talks. Nothing is written: this is about events. */
const service = (root: string) =>
  CreationController.layer.pipe(
    Layer.provideMerge(announcingHost),
    Layer.provide(Embedded.ports),
    Layer.provide(Layer.provide(ForgetfulDisk.layer(join(root, "local")), NodeDisk.layer)),
    Layer.provide(
      Settings.layer(
        withDefaults({
          paths: { localRoot: join(root, "local"), templatesDir: join(root, "templates") },
          sessions: { maxWorking: subscribersOfAll },
        }),
      ),
    ),
  )

/** Counts what arrives. */
interface Audience {
  events: number
}

const listen = (audience: Audience, id: SessionId) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    yield* Stream.runForEach(controller.subscribe(id), () =>
      Effect.sync(() => {
        audience.events += 1
      }),
    )
  })

/** Sessions with the same number of subscribers each; the round ends when every subscriber has heard the end. */
const round = (first: number, sessions: number) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const announcements = yield* Announcements
    const audience: Audience = { events: 0 }
    const handles = yield* Effect.forEach(
      Array.range(first, first + sessions - 1),
      (n) => controller.createProject(projectRequest("plate", n)),
      { concurrency: 32 },
    )
    yield* announcements.ready(sessions)
    const ids = Array.makeBy(subscribersOfAll, (n) => handles[n % sessions]!.sessionId)
    const { bytes, result: fibers } = yield* heldBy(
      Effect.zipLeft(
        Effect.forEach(ids, (id) => Effect.fork(listen(audience, id))),
        until(() => audience.events >= backlog * subscribersOfAll),
      ),
    )
    const before = audience.events
    const [took] = yield* Effect.timed(Effect.zipRight(announcements.speak(warnings), Fiber.joinAll(fibers)))
    return {
      bytes: bytes / subscribersOfAll,
      eventsPerSecond: (audience.events - before) / Duration.toSeconds(took),
    }
  })

const figures = (first: number, sessions: number) =>
  Effect.gen(function* () {
    yield* Console.error(`  ${sessions} sessions, ${subscribersOfAll} subscribers`)
    const starts = Array.makeBy(rounds, (n) => first + n * sessions)
    yield* round(first + rounds * sessions, sessions)
    const results = yield* Effect.forEach(starts, (start) => round(start, sessions))
    return {
      sessions,
      subscribers: subscribersOfAll,
      warnings_per_session: warnings,
      rounds,
      events_per_second: spread(Array.map(results, ({ eventsPerSecond }) => eventsPerSecond)),
      heap_bytes_per_subscriber: spread(Array.map(results, ({ bytes }) => bytes)),
    }
  })

const measure = Effect.gen(function* () {
  const root = yield* folderInMemory
  yield* writeTemplate(join(root, "templates", "plate"), manifest, { "notes.md.hbs": "# {{label}}\n" })
  yield* Effect.promise(() => mkdir(join(root, "local")))
  return yield* Effect.gen(function* () {
    return {
      one_session: yield* figures(1, 1),
      a_session_each: yield* figures(1000, subscribersOfAll),
    }
  }).pipe(Effect.provide(service(root)))
}).pipe(Effect.scoped)

export const subscribers: Benchmark = {
  name: "subscribers",
  measures: "1,000 subscribers of one session, and of 1,000 sessions: events per second, memory",
  run: measure,
}
