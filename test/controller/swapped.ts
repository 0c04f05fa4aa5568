import { Effect, Layer, TestClock } from "effect"
import { ports, type Ports } from "../../layers/Embedded.ts"
import type { PartialSettings } from "../../layers/EmbeddedSettings.ts"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { layerTest as scriptedPlugins, type PluginScripts } from "../../layers/plugins/ScriptedPluginHost.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"
import { settingsBelow, until, writeTemplates } from "../support/world.ts"

/** The real service on real files, with one of its ports swapped. */
export const inSwapped = <A, E, R>(
  swapped: Layer.Layer<Ports> | Layer.Layer<never>,
  plugins: PluginScripts,
  body: (root: string) => Effect.Effect<A, E, R>,
  settings: PartialSettings = {},
) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    yield* writeTemplates(root, plugins)
    const below = Layer.merge(NodeDisk.layer, Settings.layer(settingsBelow(root, settings)))
    const service = CreationController.layer.pipe(
      Layer.provide(swapped),
      Layer.provide(scriptedPlugins(plugins)),
      Layer.provide(ports),
      Layer.provideMerge(below),
    )
    return yield* Effect.provide(body(root), service)
  }).pipe(Effect.scoped)

/** Lets the test's clock run on until the effect is over. */
export const asTimePasses = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    yield* Effect.repeat(
      Effect.zipRight(TestClock.adjust("1 second"), until("a moment", Effect.succeed(true))),
      { until: () => Effect.map(fiber.status, (status) => status._tag === "Done") },
    )
    return yield* fiber
  })
