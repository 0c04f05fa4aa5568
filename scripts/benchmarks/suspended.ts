import { join } from "node:path"
import { Array, Clock, Config, Console, Deferred, Duration, Effect, HashMap, Layer, Ref } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import * as Embedded from "../../layers/Embedded.ts"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import { layerTest as scriptedPlugins } from "../../layers/plugins/ScriptedPluginHost.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { LocksUnsupported } from "../../src/domain/Errors.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import type { Workspace } from "../../src/ports/Workspace.ts"
import type { Benchmark } from "./Benchmark.ts"
import * as CountingStore from "./CountingStore.ts"
import { rounded } from "./figures.ts"
import * as ForgetfulDisk from "./ForgetfulDisk.ts"
import * as ForgetfulWorkspace from "./ForgetfulWorkspace.ts"
import { heldBy } from "./heap.ts"
import { fileSystemOf } from "./machine.ts"
import { projectRequest } from "./requests.ts"
import { folderInMemory, writeTemplate } from "./workplace.ts"

const concurrency = 32
const withFiles = 10_000
const warmUp = 1000
const portion = 1000
const patience = Duration.minutes(15)

const manifest = `name: plate
version: "1.0"
type: project
plugins: [plate-layout]
`

const plugins = {
  "plate-layout": {
    moves: [
      {
        do: "ask",
        reason: "How many wells hold cells?",
        fields: [{ id: "wells", label: "Wells", type: "integer", required: true }],
      },
    ],
  },
} as const

const files = { "notes.md.hbs": "# {{label}}\n\n{{objective}}\n", "plate.csv": "well,cells\nA01,\nA02,\n" }

/** The service below `root`, with a plugin that asks. */
const service = (
  root: string,
  disk: Layer.Layer<Disk, LocksUnsupported>,
  workspace: Layer.Layer<Workspace, never, Workspace> = Layer.context(),
) =>
  CreationController.layer.pipe(
    Layer.provide(scriptedPlugins(plugins)),
    Layer.provideMerge(CountingStore.layer),
    Layer.provide(workspace),
    Layer.provide(Embedded.ports),
    Layer.provide(disk),
    Layer.provide(
      Settings.layer(
        withDefaults({
          paths: { localRoot: join(root, "local"), templatesDir: join(root, "templates") },
          sessions: { maxOpen: 1_000_000, abandonAfterSeconds: 86_400 },
        }),
      ),
    ),
  )

/** Opens sessions, and is done when each of them waits for its answer. */
const open = (first: number, sessions: number) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const milestones = yield* CountingStore.Milestones
    const before = yield* milestones.count("input_required")
    const ids = yield* Effect.forEach(
      Array.range(first, first + sessions - 1),
      (n) => Effect.map(controller.createProject(projectRequest("plate", n)), ({ sessionId }) => sessionId),
      { concurrency },
    )
    yield* milestones.reached("input_required", before + sessions)
    return ids
  })

/** The same in portions: on a slow computer there are fewer sessions, so that the benchmark ends. */
const openInTime = (first: number, sessions: number) =>
  Effect.gen(function* () {
    const end = (yield* Clock.currentTimeMillis) + Duration.toMillis(patience)
    const ids: Array<SessionId> = []
    while (ids.length < sessions && (yield* Clock.currentTimeMillis) < end) {
      ids.push(...(yield* open(first + ids.length, Math.min(portion, sessions - ids.length))))
    }
    return ids
  })

/** Answers sessions, and is done when each of them is. */
const answer = (ids: ReadonlyArray<SessionId>) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const milestones = yield* CountingStore.Milestones
    const before = yield* milestones.count("done")
    yield* Effect.forEach(ids, (id) => controller.resume(id, { wells: 96 }), { concurrency, discard: true })
    yield* milestones.reached("done", before + ids.length)
  })

const life = (wanted: number) =>
  Effect.gen(function* () {
    yield* Effect.flatMap(open(1, warmUp), answer)
    const { bytes, result } = yield* heldBy(Effect.timed(openInTime(warmUp + 1, wanted)))
    const [opening, ids] = result
    const sessions = ids.length
    yield* Console.error(`  ${sessions} sessions wait`)
    const [answering] = yield* Effect.timed(answer(ids))
    return {
      sessions,
      heap_bytes_per_session: Math.round(bytes / sessions),
      open_seconds: rounded(Duration.toSeconds(opening)),
      answer_seconds: rounded(Duration.toSeconds(answering)),
    }
  })

/** What the platform asks for at least: a fiber that waits, and something to find it by. */
const floor = (sessions: number) =>
  Effect.gen(function* () {
    const records = yield* Ref.make(HashMap.empty<string, { readonly wake: Deferred.Deferred<void> }>())
    const wait = Effect.gen(function* () {
      const wake = yield* Deferred.make<void>()
      yield* Ref.update(
        records,
        HashMap.set<string, { readonly wake: Deferred.Deferred<void> }>(crypto.randomUUID(), { wake }),
      )
      yield* Effect.fork(Deferred.await(wake))
    })
    const { bytes } = yield* heldBy(Effect.replicateEffect(wait, sessions, { discard: true }))
    return Math.round(bytes / sessions)
  }).pipe(Effect.scoped)

const measure = Effect.gen(function* () {
  const sessions = yield* Effect.orDie(Config.withDefault(Config.integer("EXLAB_BENCH_SESSIONS"), 100_000))
  const root = yield* folderInMemory
  yield* writeTemplate(join(root, "templates", "plate"), manifest, files)
  const local = join(root, "local")
  const forgetful = Layer.provide(ForgetfulDisk.layer(local), NodeDisk.layer)
  return {
    floor_bytes_per_session: yield* floor(sessions),
    without_files: yield* Effect.provide(life(sessions), service(root, forgetful, ForgetfulWorkspace.layer)),
    with_files: {
      file_system: yield* fileSystemOf(root),
      ...(yield* Effect.provide(life(Math.min(sessions, withFiles)), service(root, NodeDisk.layer))),
    },
  }
}).pipe(Effect.scoped)

export const suspended: Benchmark = {
  name: "suspended",
  measures: "sessions that wait for a person: memory, and the time to open and to answer them",
  run: measure,
}
