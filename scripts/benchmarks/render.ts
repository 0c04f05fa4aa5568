import { rm } from "node:fs/promises"
import { join } from "node:path"
import { Array, Effect, Layer, Ref } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import * as HandlebarsTemplateEngine from "../../layers/templates/HandlebarsTemplateEngine.ts"
import type { RenderResult, TemplateVariables } from "../../src/domain/Template.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { TemplateEngine } from "../../src/ports/TemplateEngine.ts"
import type { Benchmark } from "./Benchmark.ts"
import { type Cost, compare, costOf, perUnit } from "./figures.ts"
import { fileSystemOf } from "./machine.ts"
import { folderOnDisk, type TemplateFiles, writeTemplate } from "./workplace.ts"

const files = 1000
const folders = 20

/** As the engine writes them. */
const copiesAtATime = 16

const manifest = `name: screen
version: "1.0"
type: run
run_scope: both
questions:
  wells: { type: integer, default: 96 }
`

const text = (n: number): string => `# Plate ${n} of {{label}}

{{operator}} at {{equipment_label}}, {{run_date}}, project {{project_short_id}}

{{#if (eq run_kind "test")}}Discard after the test.{{else}}Keep.{{/if}}
${"A line of the protocol that is the same for every plate.\n".repeat(15)}
{{#if (gte wells 96)}}- a full plate of {{padStart wells 4}} wells{{/if}}
{{upper objective}}
`

const numbered = (n: number): string => String(n).padStart(4, "0")

/** Half texts, half copies, in twenty folders. */
const templateFiles: TemplateFiles = Object.fromEntries(
  Array.makeBy(files, (n) => {
    const path = `plates_${n % folders}/${numbered(n)}`
    return n < files / 2
      ? [`${path}_{{equipment_id}}.md.hbs`, text(n)]
      : [`${path}.bin`, Buffer.alloc(1024, n)]
  }),
)

const variables: TemplateVariables = {
  builtIn: {
    label: "Time series",
    operator: "asmith",
    objective: "Find a cell that divides",
    equipment_id: "DEMO_01",
    equipment_label: "Demonstration instrument",
    project_short_id: "PROJ-0042",
    project_name: "Mitochondria in motion",
    run_kind: "experimental",
    run_name: "Run_2026-01-01T00-00-00",
    run_date: "2026-01-01T00:00:00Z",
    created_at: "2026-01-01T00:00:00Z",
  },
  answers: { wells: 96 },
}

const resolve = Effect.gen(function* () {
  const engine = yield* TemplateEngine
  const located = yield* engine.locate("screen", { equipmentId: "DEMO_01" })
  return yield* engine.resolve(located, [])
})

/** What the engine made, made again with the same operations as copies. */
const copyTree = (from: string, to: string, { files }: RenderResult) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const parents = new Set(
      files.flatMap(({ path }) => (path.includes("/") ? [path.split("/", 1).join()] : [])),
    )
    yield* Effect.forEach(parents, (path) => disk.makeDirectory(join(to, path)), { discard: true })
    yield* Effect.forEach(files, ({ path }) => disk.copyFile(join(from, path), join(to, path)), {
      concurrency: copiesAtATime,
      discard: true,
    })
  })

/** An empty folder for `work`, which alone is measured; it is removed afterwards. */
const inNewFolder = <E, R>(path: Effect.Effect<string>, work: (path: string) => Effect.Effect<Cost, E, R>) =>
  Effect.acquireUseRelease(
    Effect.flatMap(path, (made) =>
      Effect.as(
        Effect.flatMap(Disk, (disk) => disk.makeDirectory(made)),
        made,
      ),
    ),
    work,
    (made) => Effect.promise(() => rm(made, { recursive: true })),
  )

const contest = (root: string) =>
  Effect.gen(function* () {
    const engine = yield* TemplateEngine
    const disk = yield* Disk
    const template = yield* resolve
    const render = (to: string) => engine.render(template, to, variables, () => Effect.void)
    const original = join(root, "original")
    yield* disk.makeDirectory(original)
    const result = yield* render(original)
    const count = yield* Ref.make(0)
    const path = Effect.map(
      Ref.updateAndGet(count, (n) => n + 1),
      (n) => join(root, `copy-${n}`),
    )
    const measured = <A, E, R>(work: (to: string) => Effect.Effect<A, E, R>) =>
      Effect.map(
        inNewFolder(path, (to) => costOf(work(to))),
        (cost) => perUnit(cost, result.files.length),
      )
    const contest = {
      subject: measured(render),
      baseline: measured((to) => copyTree(original, to, result)),
      within: "1 minute",
    } as const
    yield* compare({ ...contest, rounds: 5 })
    return { files: result.files.length, ...(yield* compare({ ...contest, rounds: 25 })) }
  })

const measure = Effect.gen(function* () {
  const root = yield* folderOnDisk
  const templatesDir = join(root, "templates")
  yield* writeTemplate(join(templatesDir, "screen"), manifest, templateFiles)
  const settings = Settings.layer(withDefaults({ paths: { localRoot: join(root, "local"), templatesDir } }))
  const figures = yield* contest(root).pipe(
    Effect.provide(
      HandlebarsTemplateEngine.layer.pipe(Layer.provideMerge(Layer.merge(NodeDisk.layer, settings))),
    ),
  )
  return {
    file_system: yield* fileSystemOf(root),
    files_per_second: Math.round(1000 / figures.subject_ms.median),
    copied_files_per_second: Math.round(1000 / figures.baseline_ms.median),
    ...figures,
  }
}).pipe(Effect.scoped)

export const render: Benchmark = {
  name: "render",
  measures: "rendering a template of 1,000 files against copying what comes out of it",
  run: measure,
}
