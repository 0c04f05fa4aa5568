import { Effect, Layer } from "effect"
import { PluginHostUnavailable } from "../../src/domain/Errors.ts"
import type { PassStep } from "../../src/domain/Plugin.ts"
import { noPlugins } from "../../src/domain/PluginCatalog.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"

const unavailable = (names: ReadonlyArray<string>) =>
  new PluginHostUnavailable({
    reason: `the template uses plugins (${names.join(", ")}), which this service has no host for`,
  })

const finished: PassStep = { _tag: "Finished", applied: [] }

/** Runs no plugins: templates that name some are refused at the gate. */
export const layerNoop: Layer.Layer<PluginHost> = Layer.succeed(
  PluginHost,
  PluginHost.of({
    inventory: Effect.succeed(noPlugins),
    declarations: () => Effect.succeed([]),
    check: (names) => (names.length === 0 ? Effect.void : unavailable(names)),
    candidates: () => Effect.succeed([]),
    start: ({ plugins }) => (plugins.length === 0 ? Effect.succeed(finished) : unavailable(plugins)),
    continue: ({ pass }) => unavailable(pass.plugins),
  }),
)
