import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { createHash } from "node:crypto"
import { Effect, HashMap, Layer, Option, Ref } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { ports } from "../../../../layers/Embedded.ts"
import type { PartialSettings } from "../../../../layers/EmbeddedSettings.ts"
import * as QueuedNasSync from "../../../../layers/nas/QueuedNasSync.ts"
import * as MemorySyncLedger from "../../../../layers/nas/cleanup/MemorySyncLedger.ts"
import * as MemorySyncQueue from "../../../../layers/nas/queue/MemorySyncQueue.ts"
import {
  layerTest as scriptedTransport,
  TransportScript,
} from "../../../../layers/nas/transports/ScriptedTransport.ts"
import * as SettingsTransport from "../../../../layers/nas/transports/SettingsTransport.ts"
import { layerTest as scriptedPlugins } from "../../../../layers/plugins/ScriptedPluginHost.ts"
import { Audit } from "../../../../src/audit/Audit.ts"
import { Problems } from "../../../../src/audit/Problems.ts"
import { SyncGate } from "../../../../src/audit/SyncGate.ts"
import { CreationController } from "../../../../src/controller/CreationController.ts"
import type { RunCreateRequest } from "../../../../src/domain/CreateRequest.ts"
import type { SessionHandle } from "../../../../src/domain/Session.ts"
import type { SyncJobState } from "../../../../src/domain/SyncJob.ts"
import type { EquipmentSync } from "../../../../src/domain/SyncSettings.ts"
import type { Disk } from "../../../../src/ports/Disk.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import type { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import type { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import type { SyncTransport } from "../../../../src/ports/SyncTransport.ts"
import { projectRequest, runRequest } from "../../../support/requests.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { settingsBelow, until, writeTemplates } from "../../../support/world.ts"

const equipmentId = "DEMO_01"

export interface SyncWorldOptions {
  readonly equipment?: Partial<EquipmentSync>
  readonly settings?: PartialSettings
}

const equipment = (root: string, over: Partial<EquipmentSync> = {}) => [
  {
    id: equipmentId,
    label: "Demonstration instrument",
    nasRoot: join(root, "nas"),
    transport: { type: "mounted", uploadMbps: null, schedule: [] } as const,
    ...over,
  },
]

/** What outlives the service: a queue and a target, in memory. */
const lasting = Layer.mergeAll(
  MemorySyncQueue.layerMemory,
  MemorySyncLedger.layerMemory,
  scriptedTransport([equipmentId]),
)

const ground = (root: string, options: SyncWorldOptions) =>
  Layer.merge(
    NodeDisk.layer,
    Settings.layer(
      settingsBelow(root, {
        ...options.settings,
        equipment: options.settings?.equipment ?? equipment(root, options.equipment),
        paths: { stateDir: join(root, "state"), ...options.settings?.paths },
      }),
    ),
  )

const service = Layer.mergeAll(CreationController.layer, Problems.layer, Audit.layer).pipe(
  Layer.provideMerge(QueuedNasSync.layer),
  Layer.provideMerge(SyncGate.layer),
)

const others = Layer.provideMerge(scriptedPlugins({}), ports)

/** A temporary root with templates, and what lasts; each of the bodies has a service of its own there. */
const inWorlds =
  <Lasting>(lasting: Layer.Layer<Lasting | SyncQueue | SyncLedger | SyncTransport, never, Disk | Settings>) =>
  <A, E, R>(
    options: SyncWorldOptions,
    body: (root: string, start: typeof service) => Effect.Effect<A, E, R>,
  ) =>
    Effect.scoped(
      Effect.gen(function* () {
        const root = yield* temporaryDirectory
        yield* writeTemplates(root)
        return yield* Effect.provide(
          body(root, service),
          lasting.pipe(Layer.provideMerge(others), Layer.provideMerge(ground(root, options))),
        )
      }),
    )

export const inSyncWorlds = inWorlds(lasting)

/** The same with the transport that the equipment's settings name. */
export const inRealWorlds = inWorlds(
  Layer.mergeAll(MemorySyncQueue.layerMemory, MemorySyncLedger.layerMemory, SettingsTransport.layer),
)

/** The real service with its sync, on real files below a root, with a queue and a marked target in memory. */
export const inSyncWorld = <A, E, R>(
  options: SyncWorldOptions,
  body: (root: string) => Effect.Effect<A, E, R>,
) =>
  inSyncWorlds(options, (root, start) =>
    Effect.provide(
      Effect.zipRight(
        Effect.flatMap(SyncService, ({ initTarget }) => initTarget(equipmentId)),
        body(root),
      ),
      start,
    ),
  )

const finished = (handle: Effect.Effect<SessionHandle, Error, CreationController>) =>
  Effect.gen(function* () {
    const { sessionId } = yield* Effect.orDie(handle)
    return (yield* Effect.flatMap(CreationController, ({ awaitResult }) => awaitResult(sessionId))).path
  })

export const makeProject = finished(
  Effect.flatMap(CreationController, ({ createProject }) => createProject(projectRequest())),
)
export const makeRunWith = (over: Partial<RunCreateRequest>) =>
  finished(Effect.flatMap(CreationController, ({ createRun }) => createRun(runRequest(over))))
export const makeRun = makeRunWith({})

export const jobOf = (path: string) => Effect.flatMap(SyncService, ({ status }) => status(path))

/** Waits, on the real clock, until a directory's job is in a state. */
export const untilState = (path: string, state: SyncJobState) =>
  until(
    `${path} ${state}`,
    Effect.map(
      Effect.option(jobOf(path)),
      Option.exists((job) => job.state === state),
    ),
  )

export const recordOf = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(path, ".exlab-wizard/creation.json"), "utf8")) as Record<string, unknown>

/** The files of the target, by path, as text. */
export const targetFiles = Effect.gen(function* () {
  const { contents } = yield* TransportScript
  const memory = contents.get(equipmentId)
  if (memory === undefined) return yield* Effect.dieMessage("no such target")
  const { files } = yield* Ref.get(memory)
  return new Map(HashMap.toEntries(HashMap.map(files, (bytes) => Buffer.from(bytes).toString("latin1"))))
})

export const sha256 = (text: string): string => createHash("sha256").update(text, "latin1").digest("hex")

export const write = (path: string, text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  })

export const append = (path: string, text: string): Effect.Effect<void> =>
  Effect.sync(() => appendFileSync(path, text))
