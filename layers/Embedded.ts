import { Effect, Layer, Option } from "effect"
import { CreationController } from "../src/controller/CreationController.ts"
import { Audit } from "../src/audit/Audit.ts"
import { ProblemWatch } from "../src/audit/ProblemWatch.ts"
import { DriftCheck } from "../src/audit/DriftCheck.ts"
import { Directories } from "../src/audit/Directories.ts"
import { Problems } from "../src/audit/Problems.ts"
import { SyncGate } from "../src/audit/SyncGate.ts"
import type { LocksUnsupported, SettingsInvalid } from "../src/domain/Errors.ts"
import type { CreationWriter } from "../src/ports/CreationWriter.ts"
import { Disk } from "../src/ports/Disk.ts"
import type { EquipmentWriter } from "../src/ports/EquipmentWriter.ts"
import type { NasSync } from "../src/ports/NasSync.ts"
import type { PluginHost } from "../src/ports/PluginHost.ts"
import type { ReadmeGenerator } from "../src/ports/ReadmeGenerator.ts"
import type { SessionStore } from "../src/ports/SessionStore.ts"
import type { RunExport } from "../src/ports/RunExport.ts"
import { Settings } from "../src/ports/Settings.ts"
import type { QueueUnavailable } from "../src/ports/SyncQueue.ts"
import type { SyncService } from "../src/ports/SyncService.ts"
import type { TemplateEngine } from "../src/ports/TemplateEngine.ts"
import type { Validator } from "../src/ports/Validator.ts"
import type { WizardLog } from "../src/ports/WizardLog.ts"
import type { Workspace } from "../src/ports/Workspace.ts"
import * as NodeDisk from "./disk/NodeDisk.ts"
import { type PartialSettings, withDefaults } from "./EmbeddedSettings.ts"
import * as FileRunExport from "./export/FileRunExport.ts"
import * as NoopNasSync from "./nas/NoopNasSync.ts"
import * as QueuedNasSync from "./nas/QueuedNasSync.ts"
import * as MemorySyncLedger from "./nas/cleanup/MemorySyncLedger.ts"
import * as SqliteSyncLedger from "./nas/cleanup/SqliteSyncLedger.ts"
import { queuePath } from "./nas/queue/QueueFile.ts"
import * as MemorySyncQueue from "./nas/queue/MemorySyncQueue.ts"
import * as SqliteSyncQueue from "./nas/queue/SqliteSyncQueue.ts"
import { layerApart } from "./nas/transports/mounted/apart.ts"
import * as SettingsTransport from "./nas/transports/SettingsTransport.ts"
import * as ProcessPluginHost from "./plugins/ProcessPluginHost.ts"
import * as FrontMatterReadme from "./readme/FrontMatterReadme.ts"
import * as FileWizardLog from "./records/FileWizardLog.ts"
import * as JsonCreationWriter from "./records/JsonCreationWriter.ts"
import * as JsonEquipmentWriter from "./records/JsonEquipmentWriter.ts"
import * as RefSessionStore from "./sessions/RefSessionStore.ts"
import * as HandlebarsTemplateEngine from "./templates/HandlebarsTemplateEngine.ts"
import * as RuleValidator from "./validator/RuleValidator.ts"
import * as StagingWorkspace from "./workspace/StagingWorkspace.ts"

/** Everything that the controller needs besides the disk and the settings. */
export type Ports =
  | CreationWriter
  | EquipmentWriter
  | NasSync
  | PluginHost
  | ReadmeGenerator
  | SessionStore
  | TemplateEngine
  | Validator
  | WizardLog
  | Workspace

const withoutWorkspace = Layer.mergeAll(
  FileWizardLog.layer,
  FrontMatterReadme.layer,
  HandlebarsTemplateEngine.layer,
  JsonCreationWriter.layer,
  JsonEquipmentWriter.layer,
  NoopNasSync.layerNoop,
  ProcessPluginHost.layer,
  RefSessionStore.layer,
  RuleValidator.layer,
)

/** The real adapters, over whatever disk and settings they are given. No NAS: `sync` adds it. */
export const ports: Layer.Layer<Ports, never, Disk | Settings> = Layer.merge(
  withoutWorkspace,
  StagingWorkspace.layer,
)

/** The same for programs that create nothing: they clear nothing away, either. */
export const portsAtRest: Layer.Layer<Ports, never, Disk | Settings> = Layer.merge(
  withoutWorkspace,
  StagingWorkspace.layerStill,
)

/** The sync to the NAS, what people decide about what it may take, and what they see of directories. */
export type Sync = NasSync | SyncService | SyncGate | Problems | Directories | Audit

const queueInFile = Layer.merge(SqliteSyncQueue.layer, SqliteSyncLedger.layer)
const queueInMemory = Layer.merge(MemorySyncQueue.layerMemory, MemorySyncLedger.layerMemory)

const isSynced = ({ equipment, sync: { enabled } }: typeof Settings.Service): boolean =>
  enabled && equipment.some(({ transport }) => transport !== undefined)

/** A queue in a file, where there is anything to queue. */
const queue = Layer.unwrapEffect(
  Effect.map(Settings, (settings) => (isSynced(settings) ? queueInFile : queueInMemory)),
)

/** The same for those who only look: no file is made for them. One that can't be looked for isn't taken for none. */
const queueAsItIs = Layer.unwrapEffect(
  Effect.gen(function* () {
    const settings = yield* Settings
    const disk = yield* Disk
    const file = yield* Effect.option(disk.lstat(queuePath(settings.paths.stateDir)))
    const isThere = Option.match(file, { onNone: () => true, onSome: Option.isSome })
    return isSynced(settings) && isThere ? queueInFile : queueInMemory
  }),
)

type OverAdapters = Layer.Layer<
  Sync,
  QueueUnavailable | SettingsInvalid,
  CreationWriter | Disk | Settings | TemplateEngine | Validator | WizardLog | Workspace
>

const syncWith = (nasSync: typeof QueuedNasSync.layer, over: typeof queue = queue): OverAdapters =>
  Layer.mergeAll(Problems.layer, Directories.layer, Audit.layer).pipe(
    Layer.provideMerge(nasSync),
    Layer.provideMerge(SyncGate.layer),
    Layer.provide([SettingsTransport.layer, over, layerApart]),
  )

/**
 * Copies what equipment with a `transport` produces to its NAS, with a queue below `paths.stateDir`. Over the other
 * adapters.
 */
export const sync: OverAdapters = syncWith(QueuedNasSync.layer)

/** Only queues: for programs that end before a copy would. */
export const syncQueueOnly: OverAdapters = syncWith(QueuedNasSync.layerQueueOnly)

/** Changes nothing but by what it is asked to do: for programs that look. */
export const syncAtRest: OverAdapters = syncWith(QueuedNasSync.layerQueueOnly, queueAsItIs)

/** Keeps the list of all problems in the background, over the adapters: for services that go on for long. */
export const problemWatch: Layer.Layer<
  ProblemWatch,
  never,
  CreationWriter | Disk | Settings | SyncService | TemplateEngine | Validator | Workspace
> = ProblemWatch.layer

/** What keeps the service from starting. */
export type StartError = LocksUnsupported | SettingsInvalid | QueueUnavailable

/** All that `CreationController.layer` needs: provide a layer of your own before it to swap one. */
export const adapters = (
  settings?: PartialSettings,
): Layer.Layer<Ports | Sync | DriftCheck | RunExport | Disk | Settings, StartError> =>
  Layer.merge(DriftCheck.layer, FileRunExport.layer).pipe(
    Layer.provideMerge(sync),
    Layer.provideMerge(ports),
    Layer.provideMerge(Layer.merge(NodeDisk.layer, Settings.layerChecked(withDefaults(settings)))),
  )

/** The whole service, to be provided to another Effect program. */
export const layer = (settings?: PartialSettings): Layer.Layer<CreationController, StartError> =>
  CreationController.layer.pipe(Layer.provide(adapters(settings)))
