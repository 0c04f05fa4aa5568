import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { CreationController } from "../src/controller/CreationController.ts"
import type { LocksUnsupported } from "../src/domain/Errors.ts"
import type { Disk } from "../src/ports/Disk.ts"
import type { SessionStore } from "../src/ports/SessionStore.ts"
import { Settings } from "../src/ports/Settings.ts"
import * as NodeDisk from "./disk/NodeDisk.ts"
import { ports } from "./Embedded.ts"
import { type PartialSettings, withDefaults } from "./EmbeddedSettings.ts"
import { layerTest as scriptedNas, type NasBehaviour, type NasScript } from "./nas/ScriptedNasSync.ts"
import { layerTest as scriptedPlugins, type PluginScripts } from "./plugins/ScriptedPluginHost.ts"

export { NasScript } from "./nas/ScriptedNasSync.ts"
export type { PluginMove, PluginScript, PluginScripts } from "./plugins/ScriptedPluginHost.ts"

export interface TestingOptions {
  /** By plugin name. Default: no plugin is known. */
  readonly plugins?: PluginScripts
  /** Default: accepts. */
  readonly nas?: NasBehaviour
  /** Default: everything below a temporary directory that goes with the scope. */
  readonly settings?: PartialSettings
}

const temporaryDirectory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "exlab-wizard-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
)

const settingsBelow = ({ settings }: TestingOptions, root: string) =>
  Settings.layer(withDefaults({ ...settings, paths: { localRoot: join(root, "local"), ...settings?.paths } }))

/**
 * The real service on real files, in a temporary directory, with plugins and a NAS that play a script. For
 * the tests of programs that embed it.
 */
export const layer = (
  options: TestingOptions = {},
): Layer.Layer<CreationController | SessionStore | Settings | NasScript | Disk, LocksUnsupported> =>
  Layer.unwrapScoped(
    Effect.map(temporaryDirectory, (root) =>
      CreationController.layer.pipe(
        Layer.provideMerge(scriptedNas(options.nas)),
        Layer.provide(scriptedPlugins(options.plugins ?? {})),
        Layer.provideMerge(ports),
        Layer.provideMerge(Layer.merge(NodeDisk.layer, settingsBelow(options, root))),
      ),
    ),
  )
