import { Effect, Layer } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../../layers/EmbeddedSettings.ts"
import * as SqliteSyncQueue from "../../../../layers/nas/queue/SqliteSyncQueue.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { leaseSeconds } from "../../../contract/syncQueue.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

export const settingsIn = (stateDir: string, seconds = leaseSeconds) =>
  Settings.layer(withDefaults({ paths: { stateDir }, sync: { leaseSeconds: seconds } }))

/** An owner of its own each time it is built: two share nothing but the files, like two processes. */
export const ownerIn = (stateDir: string, seconds?: number) =>
  SqliteSyncQueue.layer.pipe(Layer.provideMerge(NodeDisk.layer), Layer.provide(settingsIn(stateDir, seconds)))

/** A queue in a directory that goes with it. */
export const fresh = Layer.unwrapScoped(Effect.map(temporaryDirectory, (root) => ownerIn(`${root}/state`)))
