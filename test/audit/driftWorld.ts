import { readdirSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { ports } from "../../layers/Embedded.ts"
import type { PartialSettings } from "../../layers/EmbeddedSettings.ts"
import { layerTest as scriptedNas } from "../../layers/nas/ScriptedNasSync.ts"
import { layerTest as scriptedPlugins } from "../../layers/plugins/ScriptedPluginHost.ts"
import { DriftCheck } from "../../src/audit/DriftCheck.ts"
import { SyncGate } from "../../src/audit/SyncGate.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { CreateRequest } from "../../src/domain/CreateRequest.ts"
import type { DriftReport } from "../../src/domain/Drift.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import type { PluginHost } from "../../src/ports/PluginHost.ts"
import { Settings } from "../../src/ports/Settings.ts"
import * as FaultDisk from "../support/FaultDisk.ts"
import { settingsBelow } from "../support/world.ts"

interface DriftWorldOptions {
  readonly plugins?: Layer.Layer<PluginHost, never, Disk>
  readonly settings?: PartialSettings
}

/** The service and its check on real files below a root, with faults in its disk. */
export const driftWorld = (root: string, { plugins, settings }: DriftWorldOptions = {}) =>
  Layer.merge(DriftCheck.layer, CreationController.layer).pipe(
    Layer.provideMerge(SyncGate.layer),
    Layer.provideMerge(scriptedNas()),
    Layer.provideMerge(plugins ?? scriptedPlugins({})),
    Layer.provideMerge(ports),
    Layer.provideMerge(FaultDisk.layer),
    Layer.provideMerge(Layer.merge(NodeDisk.layer, Settings.layer(settingsBelow(root, settings)))),
  )

/** Creates a directory and gives back where it is. */
export const made = (request: CreateRequest) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const { sessionId } = yield* "projectShortId" in request
      ? controller.createRun(request)
      : controller.createProject(request)
    return (yield* controller.awaitResult(sessionId)).path
  })

export const checked = (path: string) => Effect.flatMap(DriftCheck, ({ check }) => check(path))

/** What isn't as it was, by path. */
export const drifted = ({ files }: DriftReport): Readonly<Record<string, string>> =>
  Object.fromEntries(
    files.filter(({ status }) => status !== "same").map(({ path, status }) => [path, status]),
  )

/** The files of a directory, records left out. */
export const filesIn = (root: string, folder = ""): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`
    if (path === ".exlab-wizard") return []
    return entry.isDirectory() ? filesIn(root, path) : [path]
  })
