import type { Effect } from "effect"
import type { JsonObject } from "../../src/domain/Json.ts"

/** One question about what the service costs. `docs/benchmarks.md` says how to read the answer. */
export interface Benchmark {
  readonly name: string
  /** Half a sentence for the list of benchmarks. */
  readonly measures: string
  /** What was measured: plain numbers, no paths. Takes some minutes at most. */
  readonly run: Effect.Effect<JsonObject, Error>
}
