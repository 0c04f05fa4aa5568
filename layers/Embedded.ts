import { Layer } from "effect"
import { CreationController } from "../src/controller/CreationController.ts"
import type { LocksUnsupported, SettingsInvalid } from "../src/domain/Errors.ts"
import type { CreationWriter } from "../src/ports/CreationWriter.ts"
import type { Disk } from "../src/ports/Disk.ts"
import type { EquipmentWriter } from "../src/ports/EquipmentWriter.ts"
import type { NasSync } from "../src/ports/NasSync.ts"
import type { PluginHost } from "../src/ports/PluginHost.ts"
import type { ReadmeGenerator } from "../src/ports/ReadmeGenerator.ts"
import type { SessionStore } from "../src/ports/SessionStore.ts"
import { Settings } from "../src/ports/Settings.ts"
import type { TemplateEngine } from "../src/ports/TemplateEngine.ts"
import type { Validator } from "../src/ports/Validator.ts"
import type { WizardLog } from "../src/ports/WizardLog.ts"
import type { Workspace } from "../src/ports/Workspace.ts"
import * as NodeDisk from "./disk/NodeDisk.ts"
import { type PartialSettings, withDefaults } from "./EmbeddedSettings.ts"
import * as NoopNasSync from "./nas/NoopNasSync.ts"
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

/** The real adapters, over whatever disk and settings they are given. No NAS. */
export const ports: Layer.Layer<Ports, never, Disk | Settings> = Layer.mergeAll(
  FileWizardLog.layer,
  FrontMatterReadme.layer,
  HandlebarsTemplateEngine.layer,
  JsonCreationWriter.layer,
  JsonEquipmentWriter.layer,
  NoopNasSync.layerNoop,
  ProcessPluginHost.layer,
  RefSessionStore.layer,
  RuleValidator.layer,
  StagingWorkspace.layer,
)

/** All that `CreationController.layer` needs: provide a layer of your own before it to swap one. */
export const adapters = (
  settings?: PartialSettings,
): Layer.Layer<Ports | Disk | Settings, LocksUnsupported | SettingsInvalid> =>
  ports.pipe(Layer.provideMerge(Layer.merge(NodeDisk.layer, Settings.layerChecked(withDefaults(settings)))))

/** The whole service, to be provided to another Effect program. */
export const layer = (
  settings?: PartialSettings,
): Layer.Layer<CreationController, LocksUnsupported | SettingsInvalid> =>
  CreationController.layer.pipe(Layer.provide(adapters(settings)))
