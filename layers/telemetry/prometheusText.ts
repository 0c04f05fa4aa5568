import { MetricKeyType, type MetricPair, MetricState, Option } from "effect"

type Labels = ReadonlyArray<readonly [name: string, value: string]>

interface Sample {
  readonly suffix: string
  readonly labels: Labels
  readonly value: number | bigint
}

interface Family {
  readonly type: "counter" | "gauge" | "histogram" | "summary" | "untyped"
  readonly samples: ReadonlyArray<Sample>
}

const plain = (value: number | bigint): ReadonlyArray<Sample> => [{ suffix: "", labels: [], value }]

const totals = ({ count, sum }: { readonly count: number; readonly sum: number }): ReadonlyArray<Sample> => [
  { suffix: "_sum", labels: [], value: sum },
  { suffix: "_count", labels: [], value: count },
]

const histogram = (state: MetricState.MetricState.Histogram): Family => {
  const bounded = state.buckets.filter(([bound]) => Number.isFinite(bound))
  const buckets = [...bounded, [Number.POSITIVE_INFINITY, state.count] as const]
  return {
    type: "histogram",
    samples: [
      ...buckets.map(([bound, value]) => ({
        suffix: "_bucket",
        labels: [["le", Number.isFinite(bound) ? String(bound) : "+Inf"]] as const,
        value,
      })),
      ...totals(state),
    ],
  }
}

const summary = (state: MetricState.MetricState.Summary): Family => ({
  type: "summary",
  samples: [
    ...state.quantiles.flatMap(([quantile, value]) =>
      Option.match(value, {
        onNone: () => [],
        onSome: (known) => [{ suffix: "", labels: [["quantile", String(quantile)]] as const, value: known }],
      }),
    ),
    ...totals(state),
  ],
})

/** A counter that may go down is none to Prometheus. */
const counter = ({ keyType }: MetricPair.MetricPair.Untyped["metricKey"]): Family["type"] =>
  MetricKeyType.isCounterKey(keyType) && keyType.incremental ? "counter" : "gauge"

const familyOf = ({ metricKey, metricState: state }: MetricPair.MetricPair.Untyped): Family => {
  if (MetricState.isCounterState(state)) return { type: counter(metricKey), samples: plain(state.count) }
  if (MetricState.isGaugeState(state)) return { type: "gauge", samples: plain(state.value) }
  if (MetricState.isHistogramState(state)) return histogram(state)
  if (MetricState.isSummaryState(state)) return summary(state)
  if (!MetricState.isFrequencyState(state)) return { type: "untyped", samples: [] }
  const samples = [...state.occurrences].map(([key, value]) => ({
    suffix: "",
    labels: [["key", key]] as const,
    value,
  }))
  return { type: "counter", samples }
}

const nameOf = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_")

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")

const labelText = (labels: Labels): string =>
  labels.length === 0
    ? ""
    : `{${labels.map(([name, value]) => `${nameOf(name)}="${escaped(value).replaceAll('"', '\\"')}"`).join(",")}}`

/**
 * Effect's metrics in Prometheus' text format, version 0.0.4: families by name, each with its samples together.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const prometheusText = (pairs: ReadonlyArray<MetricPair.MetricPair.Untyped>): string => {
  const families = new Map<string, Array<string>>()
  for (const pair of pairs) {
    const { metricKey } = pair
    const name = nameOf(metricKey.name)
    const { samples, type } = familyOf(pair)
    const help = Option.match(metricKey.description, {
      onNone: () => [],
      onSome: (text) => [`# HELP ${name} ${escaped(text)}`],
    })
    const lines = families.get(name) ?? [...help, `# TYPE ${name} ${type}`]
    const tags: Labels = metricKey.tags.map(({ key, value }) => [key, value])
    for (const { labels, suffix, value } of samples) {
      lines.push(`${name}${suffix}${labelText([...tags, ...labels])} ${value}`)
    }
    families.set(name, lines)
  }
  return [...families]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, lines]) => `${lines.join("\n")}\n`)
    .join("")
}
