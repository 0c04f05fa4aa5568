import { spawn } from "node:child_process"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Array, Data, Duration, Effect, Layer, Ref } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import * as Embedded from "../../layers/Embedded.ts"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import { goThrough } from "../../layers/plugins/pass/runPass.ts"
import { layerWith, makeParts } from "../../layers/plugins/ProcessPluginHost.ts"
import type { TreeImage } from "../../layers/plugins/tree/TreeImage.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { IsolationTier } from "../../src/domain/PluginCatalog.ts"
import type { PassReport } from "../../src/ports/PluginHost.ts"
import { Settings } from "../../src/ports/Settings.ts"
import type { Benchmark } from "./Benchmark.ts"
import * as CountingStore from "./CountingStore.ts"
import { rounded, spread } from "./figures.ts"
import { heldBy } from "./heap.ts"
import { fileSystemOf } from "./machine.ts"
import { markSource, writePlugins } from "./pluginFolder.ts"
import { projectRequest } from "./requests.ts"
import { folderOnDisk, writeTemplate } from "./workplace.ts"

const rounds = 12
const treeFiles = 100
const manyFiles = 1000
const waitingSessions = 1000

class NotAsExpected extends Data.TaggedError("NotAsExpected")<{ readonly what: string }> {
  override get message(): string {
    return this.what
  }
}

const quiet: PassReport = { progress: () => Effect.void, warning: () => Effect.void, log: () => Effect.void }

const makeTree = (root: string, files: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    await rm(root, { recursive: true, force: true })
    await mkdir(join(root, "tree"), { recursive: true })
    await mkdir(join(root, "copies"))
    for (let n = 0; n < files; n++)
      await writeFile(join(root, "tree", `file_${n}.csv`), "well,cells\n".repeat(50))
  })

const passIn = (root: string) => ({
  sessionId: "00000000-0000-4000-8000-000000000000",
  tree: join(root, "tree"),
  copies: join(root, "copies"),
  destination: join(root, "tree"),
  plugins: [],
  pluginsFatal: false,
  files: [],
  variables: {},
  template: { name: "bench", version: "1" },
  runKind: "test" as const,
  equipmentId: "DEMO_01",
  project: "PROJ-1",
})

/** One plugin over the tree below `root`: the time of its worker, and of all. */
const onePass = (root: string, plugin: string, tier: IsolationTier) =>
  Effect.gen(function* () {
    const parts = yield* makeParts({ bundled: join(root, "plugins"), tier })
    const catalog = yield* parts.catalog
    const found = catalog.plugins.filter(({ manifest }) => manifest.name === plugin)
    const next = yield* Effect.forEach(found, (one) =>
      Effect.map(parts.stage(one), ({ digest }) => ({ plugin, codeDigest: digest })),
    )
    const run = (work: string, files: number) =>
      Effect.gen(function* () {
        yield* makeTree(work, files)
        const seen = yield* Ref.make<TreeImage>(new Map())
        const pass = { parts, pass: passIn(work), report: quiet, catalog, seen }
        const [took, step] = yield* Effect.timed(goThrough(pass, { applied: [], next, prompts: 0 }))
        const [applied] = step._tag === "Finished" ? step.applied : []
        if (applied?.isolation === undefined || applied.status === "failed") {
          return yield* new NotAsExpected({ what: `${plugin}: ${JSON.stringify(applied?.facts)}` })
        }
        const worker = applied.isolation.durationMs
        return { worker, host: Duration.toMillis(took) - worker }
      })
    return run
  })

/** A process of Node's that runs a program, from its start to its end. */
const bareNode = (args: ReadonlyArray<string>) =>
  Effect.timed(
    Effect.async<void>((resume) => {
      spawn(process.execPath, args, { stdio: "ignore" }).once("close", () => resume(Effect.void))
    }),
  ).pipe(Effect.map(([took]) => Duration.toMillis(took)))

const repeated = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.all(Array.makeBy(rounds, () => work)), (all) => all as Array.NonEmptyArray<A>)

/** A worker that does nothing, and the host around it, on a tree of 100 files; beside it Node with an empty program. */
const coldStart = (root: string, tier: IsolationTier) =>
  Effect.gen(function* () {
    const run = yield* onePass(root, "idle", tier)
    const work = join(root, "work")
    yield* run(work, treeFiles)
    const turns = yield* repeated(Effect.all([run(work, treeFiles), bareNode(["-e", "0"])]))
    return {
      worker_ms: spread(Array.map(turns, ([{ worker }]) => worker)),
      bare_node_ms: spread(Array.map(turns, ([, bare]) => bare)),
      ratio: spread(Array.map(turns, ([{ worker }, bare]) => worker / bare)),
      host_overhead_ms: spread(Array.map(turns, ([{ host }]) => host)),
    }
  }).pipe(Effect.scoped)

const bareProgram = `import { readdirSync } from "node:fs"
import { mark } from "./mark.mjs"
const [, , tree] = process.argv
for (const name of readdirSync(tree)) mark(\`\${tree}/\${name}\`)
`

/** 1,000 files through one plugin, and the same code run directly on as many. */
const throughput = (root: string, tier: IsolationTier) =>
  Effect.gen(function* () {
    const run = yield* onePass(root, "marks", tier)
    const [work, bare] = [join(root, "work"), join(root, "bare")]
    yield* makeTree(bare, manyFiles)
    yield* Effect.promise(async () => {
      await writeFile(join(bare, "mark.mjs"), markSource)
      await writeFile(join(bare, "bare.mjs"), bareProgram)
    })
    const program = bareNode([join(bare, "bare.mjs"), join(bare, "tree")])
    const turns = yield* repeated(Effect.all([run(work, manyFiles), program]))
    return {
      pass_ms: spread(Array.map(turns, ([{ host, worker }]) => host + worker)),
      worker_ms: spread(Array.map(turns, ([{ worker }]) => worker)),
      bare_ms: spread(Array.map(turns, ([, directly]) => directly)),
      ratio: spread(Array.map(turns, ([{ host, worker }, directly]) => (host + worker) / directly)),
    }
  }).pipe(Effect.scoped)

const template = 'name: plate\nversion: "1.0"\ntype: project\nplugins: [asks]\n'
const templateFiles = { "plate.csv": "well,cells\nA01,\n" }

/** Sessions whose plugin asked: no worker lives, and what they hold. */
const waiting = (root: string) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const milestones = yield* CountingStore.Milestones
    const open = (first: number, sessions: number) =>
      Effect.forEach(
        Array.range(first, first + sessions - 1),
        (n) => controller.createProject(projectRequest("plate", n)),
        { concurrency: 16, discard: true },
      ).pipe(Effect.zipRight(milestones.reached("input_required", first + sessions - 1)))
    yield* open(1, 50)
    const { bytes, result } = yield* heldBy(Effect.timed(open(51, waitingSessions)))
    return {
      sessions: waitingSessions,
      heap_bytes_per_session: Math.round(bytes / waitingSessions),
      open_seconds: rounded(Duration.toSeconds(result[0])),
    }
  }).pipe(
    Effect.provide(
      CreationController.layer.pipe(
        Layer.provide(layerWith({ bundled: join(root, "plugins") })),
        Layer.provideMerge(CountingStore.layer),
        Layer.provide(Embedded.ports),
        Layer.provide(NodeDisk.layer),
        Layer.provide(
          Settings.layer(
            withDefaults({
              paths: { localRoot: join(root, "local"), templatesDir: join(root, "templates") },
              sessions: { maxOpen: 100_000, shutdownGraceSeconds: 0 },
            }),
          ),
        ),
      ),
    ),
  )

const measure = Effect.gen(function* () {
  const root = yield* folderOnDisk
  yield* writePlugins(join(root, "plugins"))
  yield* writeTemplate(join(root, "templates", "plate"), template, templateFiles)
  const { limitations, tiers } = yield* Effect.flatMap(
    makeParts({ bundled: join(root, "plugins") }),
    (parts) => Effect.all({ tiers: parts.isolation.tiers, limitations: parts.isolation.limitations }),
  ).pipe(Effect.scoped)
  const usable = (["os", "permission", "none"] as const).filter(
    (tier) => tier !== "os" || tiers.node === "os",
  )
  const cold = yield* Effect.all(
    Object.fromEntries(usable.map((tier) => [tier, coldStart(root, tier)] as const)),
  )
  return {
    file_system: yield* fileSystemOf(root),
    files: treeFiles,
    cold_start: cold,
    thousand_files: yield* throughput(root, tiers.node),
    waiting: yield* waiting(root),
    limitations: [...limitations],
  }
}).pipe(
  Effect.provide(
    Layer.merge(NodeDisk.layer, Settings.layer(withDefaults({ paths: { localRoot: "/nowhere" } }))),
  ),
  Effect.scoped,
)

export const plugins: Benchmark = {
  name: "plugins",
  measures: "plugins: start of a worker, the host around it, a thousand files, sessions that wait",
  run: measure,
}
