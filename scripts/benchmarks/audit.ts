import { appendFile } from "node:fs/promises"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Config, Console, Effect, Layer, Ref } from "effect"
import * as Embedded from "../../layers/Embedded.ts"
import { ProblemWatch } from "../../src/audit/ProblemWatch.ts"
import type { PassKind } from "../../src/audit/passes.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { parentPath } from "../../src/domain/Destination.ts"
import type { Benchmark } from "./Benchmark.ts"
import { type Cost, costOf, rounded } from "./figures.ts"
import { heldBytes } from "./heap.ts"
import { fileSystemOf } from "./machine.ts"
import type { Order, Walked } from "./manyRuns.ts"
import { projectRequest, runRequest } from "./requests.ts"
import { helper } from "./helper.ts"
import { folderOnDisk } from "./workplace.ts"

const runsEach = 500
const changedRuns = 100

const project = projectRequest("imaging_project", 1, {
  principal_investigator: "R. Franklin",
  species: "Cell lines only",
})
const acquisition = { sample_id: "MT-017", sample_type: "Live cell", channel_2: "GFP", z_slices: 20 }

/** A project and a run of the service's own making, for the rest to be copied from. */
const patterns = Effect.gen(function* () {
  const controller = yield* CreationController
  const made = yield* controller.createProject(project)
  const { path } = yield* controller.awaitResult(made.sessionId)
  const { sessionId } = yield* controller.createRun(
    runRequest("confocal_run", project.limsProject.shortId, 1, acquisition),
  )
  return { project: path, run: (yield* controller.awaitResult(sessionId)).path, equipment: parentPath(path) }
})

/** The longest that nothing else got its turn, in milliseconds. */
const withLoopDelay = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const delays = monitorEventLoopDelay({ resolution: 1 })
    delays.enable()
    const result = yield* work
    delays.disable()
    return { result, longestMillis: delays.max / 1e6 }
  })

const figuresOf = ({ cpuMillis, millis }: Cost) => ({ ms: rounded(millis), cpu_ms: rounded(cpuMillis) })

/** Changes a text of some runs: each gets a new file, or a line in place. */
const change = (runs: ReadonlyArray<string>, file: (n: number) => string) =>
  Effect.promise(() => Promise.all(runs.map((run, n) => appendFile(join(run, file(n)), "one line more\n"))))

const measure = Effect.gen(function* () {
  const wanted = yield* Effect.orDie(Config.withDefault(Config.integer("EXLAB_BENCH_RUNS"), 100_000))
  const projects = Math.max(1, Math.round(wanted / runsEach))
  const root = yield* folderOnDisk
  const localRoot = join(root, "local")
  const plain = yield* helper<Order, Walked | null>("./manyRuns.js")
  const settings = { paths: { localRoot }, audit: { enabled: false } }
  const pattern = yield* Effect.provide(patterns, Embedded.layer(settings))
  yield* Console.error(`  ${projects * runsEach} runs are made …`)
  yield* plain.ask({ do: "grow", growth: { ...pattern, projects, runsEach } })
  const walk = Effect.flatMap(plain.ask({ do: "walk", root: localRoot }), (walked) =>
    walked === null ? Effect.dieMessage("a walk tells what it came to") : Effect.succeed(walked),
  )
  // Whoever comes first reads from the disk what the others find in memory.
  yield* walk
  return yield* Effect.gen(function* () {
    const watch = yield* ProblemWatch
    const last = yield* Ref.make({ directories: 0, examined: 0, findings: 0 })
    const pass = (kind: PassKind) =>
      Effect.flatMap(watch.refresh(kind), ({ directories, examined, findings }) =>
        Ref.set(last, { directories, examined, findings: findings.length }),
      ).pipe(costOf, withLoopDelay)
    const before = yield* heldBytes
    yield* Console.error("  first pass …")
    const first = yield* pass("full")
    const { cost: bare, entries } = yield* walk
    const seen = yield* Ref.get(last)
    const held = (yield* heldBytes) - before
    yield* Effect.sleep("2100 millis")
    const runs = Array.from({ length: changedRuns }, (_, n) =>
      join(pattern.equipment, `PROJ-${10_000 + (n % projects)}`),
    )
    yield* change(runs, (n) => `extra-${n}.txt`)
    const quick = yield* pass("quick")
    const quickSeen = yield* Ref.get(last)
    const full = yield* pass("full")
    return {
      file_system: yield* fileSystemOf(root),
      runs: projects * runsEach,
      entries,
      directories: seen.directories,
      findings: seen.findings,
      bare_walk: figuresOf(bare),
      first_pass: { ...figuresOf(first.result), ratio: rounded(first.result.millis / bare.millis) },
      quick_pass: {
        ...figuresOf(quick.result),
        examined: quickSeen.examined,
        ratio_to_first: rounded(quick.result.millis / first.result.millis),
      },
      full_pass: {
        ...figuresOf(full.result),
        ratio_to_first: rounded(full.result.millis / first.result.millis),
      },
      heap_bytes_per_run: Math.round(held / (projects * runsEach)),
      rss_mib: Math.round(process.memoryUsage().rss / 2 ** 20),
      longest_block_ms: {
        first: rounded(first.longestMillis),
        quick: rounded(quick.longestMillis),
        full: rounded(full.longestMillis),
      },
    }
  }).pipe(Effect.provide(Layer.provide(Embedded.problemWatch, Embedded.adapters(settings))))
}).pipe(Effect.scoped)

export const audit: Benchmark = {
  name: "audit",
  measures: "passes of the audit over 100,000 runs, against a bare walk that stats every entry",
  run: measure,
}
