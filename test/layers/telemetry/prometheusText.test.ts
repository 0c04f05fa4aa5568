import { expect, it } from "@effect/vitest"
import { Effect, Metric, MetricBoundaries } from "effect"
import { prometheusText } from "../../../layers/telemetry/prometheusText.ts"

/** A sample, as the format's own grammar has it. */
const sample =
  /^[A-Za-z_][A-Za-z0-9_]*(?:\{(?:[A-Za-z_][A-Za-z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)+\})? -?(?:[0-9.e+-]+|NaN|\+Inf)$/

const rendered = Effect.map(Metric.snapshot, (pairs) =>
  prometheusText(pairs.filter(({ metricKey }) => metricKey.name.startsWith("sample"))),
)

it.effect("counters, gauges, histograms and frequencies become families with their samples together", () =>
  Effect.gen(function* () {
    const taken = Metric.counter("sample.taken", { description: "How\nmany", incremental: true })
    yield* Effect.tagMetrics(Metric.incrementBy(taken, 2), { room: 'B "2"\\\n' })
    yield* Effect.tagMetrics(Metric.increment(taken), { room: "C" })
    yield* Metric.set(Metric.gauge("sample_now"), -1.5)
    const seconds = Metric.histogram("sample_seconds", MetricBoundaries.fromIterable([1, 5]))
    for (const value of [0.5, 2, 3, 100]) yield* Metric.update(seconds, value)
    yield* Metric.update(Metric.frequency("sample_kinds"), "blood")
    const lines = (yield* rendered).trimEnd().split("\n")
    expect(lines).toEqual([
      "# TYPE sample_kinds counter",
      'sample_kinds{key="blood"} 1',
      "# TYPE sample_now gauge",
      "sample_now -1.5",
      "# TYPE sample_seconds histogram",
      'sample_seconds_bucket{le="1"} 1',
      'sample_seconds_bucket{le="5"} 3',
      'sample_seconds_bucket{le="+Inf"} 4',
      "sample_seconds_sum 105.5",
      "sample_seconds_count 4",
      "# HELP sample_taken How\\nmany",
      "# TYPE sample_taken counter",
      'sample_taken{room="B \\"2\\"\\\\\\n"} 2',
      'sample_taken{room="C"} 1',
    ])
    expect(lines.filter((line) => !line.startsWith("#") && !sample.test(line))).toEqual([])
  }),
)
