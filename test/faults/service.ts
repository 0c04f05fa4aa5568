import { Layer } from "effect"
import { ports } from "../../layers/Embedded.ts"
import { layerTest as scriptedNas } from "../../layers/nas/ScriptedNasSync.ts"
import { layerTest as scriptedPlugins, type PluginScripts } from "../../layers/plugins/ScriptedPluginHost.ts"
import * as StagingWorkspace from "../../layers/workspace/StagingWorkspace.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { Settings } from "../../src/ports/Settings.ts"
import * as FaultDisk from "../support/FaultDisk.ts"
import * as HookedStore from "../support/HookedStore.ts"
import { settingsBelow } from "../support/world.ts"

const slide = { id: "slide", label: "Slide", type: "integer", required: true } as const

const plugins: PluginScripts = {
  slicer: {
    moves: [
      { do: "write", path: "slices.csv", content: "slice,z\n" },
      { do: "write", path: "raw/first.txt", content: "1\n" },
      { do: "ask", reason: "which slide?", fields: [slide] },
      { do: "write", path: "raw/second.txt", content: "2\n" },
    ],
  },
}

const demo = { id: "DEMO_01", label: "Demonstration instrument", nasRoot: "/nas/DEMO_01" }
const fresh = { id: "FRESH_01", label: "Never used", nasRoot: "" }

/**
 * A service over a prepared root, with nothing in its caches: it shares only the disk with others. One
 * working place: a session that didn't give it back would be missed.
 */
export const service = (root: string) =>
  CreationController.layer.pipe(
    Layer.provideMerge(scriptedNas()),
    Layer.provide(scriptedPlugins(plugins)),
    Layer.provideMerge(HookedStore.layer),
    Layer.provideMerge(Layer.merge(ports, StagingWorkspace.layer)),
    Layer.provideMerge(FaultDisk.layer),
    Layer.provideMerge(
      Settings.layer(
        settingsBelow(root, {
          equipment: [demo, fresh],
          orchestrator: { host: "labpc-01" },
          disk: { minFreeMib: 1 },
          sessions: { maxWorking: 1, shutdownGraceSeconds: 0 },
        }),
      ),
    ),
  )
