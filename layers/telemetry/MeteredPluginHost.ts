import { Effect, Layer, Metric } from "effect"
import type { PassStep } from "../../src/domain/Plugin.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"

const outcomes = Metric.counter("exlab_plugin_outcomes_total", {
  description: "What plugins came to, by plugin and status.",
  incremental: true,
})

const note = (step: PassStep): Effect.Effect<void> =>
  step._tag === "Finished"
    ? Effect.forEach(
        step.applied,
        ({ plugin, status }) => Effect.tagMetrics(Metric.increment(outcomes), { plugin, status }),
        { discard: true },
      )
    : Effect.void

/** What becomes of plugins, as a metric. */
export const layer: Layer.Layer<PluginHost, never, PluginHost> = Layer.effect(
  PluginHost,
  Effect.map(PluginHost, (host) =>
    PluginHost.of({
      ...host,
      start: (pass, report) => Effect.tap(host.start(pass, report), note),
      continue: (continuation, answer, report) =>
        Effect.tap(host.continue(continuation, answer, report), note),
    }),
  ),
)
