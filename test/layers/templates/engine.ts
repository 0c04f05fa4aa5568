import * as fs from "node:fs"
import { dirname, join, relative } from "node:path"
import { Effect, Layer, Option, type Scope } from "effect"
import type { LocksUnsupported } from "../../../src/domain/Errors.ts"
import type { JsonObject } from "../../../src/domain/Json.ts"
import type { BuiltInVariables, ResolvedTemplate } from "../../../src/domain/Template.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type RenderProgress, TemplateEngine } from "../../../src/ports/TemplateEngine.ts"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { type PartialSettings, withDefaults } from "../../../layers/EmbeddedSettings.ts"
import * as HandlebarsTemplateEngine from "../../../layers/templates/HandlebarsTemplateEngine.ts"
import * as FaultDisk from "../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"

/** Files by path: a text, bytes, a link's target, or null for an empty directory. */
export type Files = Readonly<Record<string, string | Uint8Array | { readonly link: string } | null>>

export type Engine = TemplateEngine | Disk | Settings | FaultDisk.DiskFaults

/** The engine on real files below a temporary directory, every operation of it counted. */
export const layer = (
  settings: PartialSettings = {},
  alter: (disk: typeof Disk.Service) => Partial<typeof Disk.Service> = () => ({}),
): Layer.Layer<Engine, LocksUnsupported> =>
  Layer.unwrapScoped(
    Effect.map(temporaryDirectory, (root) => {
      const paths = { localRoot: join(root, "local"), templatesDir: join(root, "templates") }
      fs.mkdirSync(paths.templatesDir)
      fs.mkdirSync(paths.localRoot)
      return HandlebarsTemplateEngine.layer.pipe(
        Layer.provideMerge(FaultDisk.layer),
        Layer.provide(
          Layer.effect(
            Disk,
            Effect.map(Disk, (disk) => ({ ...disk, ...alter(disk) })),
          ),
        ),
        Layer.provide(NodeDisk.layer),
        Layer.provideMerge(Settings.layer(withDefaults({ ...settings, paths }))),
      )
    }),
  )

export const manifest = (lines = "", name = "t"): string =>
  `name: ${name}\nversion: "1.0"\ntype: run\nrun_scope: both\n${lines}`

export const writeFiles = (directory: string, files: Files): void => {
  fs.mkdirSync(directory, { recursive: true })
  for (const [path, content] of Object.entries(files)) {
    const absolute = join(directory, path)
    fs.mkdirSync(content === null ? absolute : dirname(absolute), { recursive: true })
    if (content === null) continue
    if (typeof content === "string" || content instanceof Uint8Array) fs.writeFileSync(absolute, content)
    else fs.symlinkSync(content.link, absolute)
  }
}

/** Makes every file look as if nobody had touched it for a while. Follows no link. */
const age = (directory: string): void => {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) age(path)
    fs.lutimesSync(path, 1_700_000_000, 1_700_000_000)
  }
}

export const globalRoot = Effect.map(Settings, ({ paths }) => paths.templatesDir)

/** A template in the global folder; returns its path. */
export const template = (
  files: Files,
  options: { readonly name?: string; readonly manifest?: string } = {},
) =>
  Effect.map(globalRoot, (root) => {
    const path = join(root, options.name ?? "t")
    writeFiles(path, { "template.yaml": options.manifest ?? manifest(), ...files })
    age(path)
    return path
  })

export const builtIn: BuiltInVariables = {
  label: "First look",
  operator: "asmith",
  objective: "Find a cell that divides",
  equipment_id: "CONFOCAL_01",
  equipment_label: "Confocal 1",
  project_short_id: "PROJ-0042",
  project_name: "Mitochondria in motion",
  run_kind: "experimental",
  run_name: "Run_2026-04-17T14-32-00",
  run_date: "2026-04-17T14:32:00Z",
  created_at: "2026-04-17T14:31:55Z",
}

export const resolve = (name = "t", pluginVariables: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const engine = yield* TemplateEngine
    const located = yield* engine.locate(name, { equipmentId: "CONFOCAL_01" })
    return yield* engine.resolve(located, pluginVariables)
  })

/** The problems for which a template is refused, or none. */
export const loadProblems = (name = "t", pluginVariables: ReadonlyArray<string> = []) =>
  resolve(name, pluginVariables).pipe(
    Effect.as<ReadonlyArray<string>>([]),
    Effect.catchTag("TemplateLoadError", ({ problems, reason }) =>
      Effect.succeed(problems.length > 0 ? problems : [reason]),
    ),
  )

export const emptyDirectory: Effect.Effect<string, never, Scope.Scope> = temporaryDirectory

export interface RenderInto {
  readonly destination: string
  readonly answers?: JsonObject
  readonly progress?: RenderProgress
}

export const renderInto = (
  resolved: ResolvedTemplate,
  { destination, answers = {}, progress = () => Effect.void }: RenderInto,
) =>
  Effect.flatMap(TemplateEngine, (engine) =>
    engine.render(resolved, destination, { builtIn, answers }, progress),
  )

export interface Rendered {
  readonly result: Effect.Effect.Success<ReturnType<typeof renderInto>>
  readonly destination: string
  /** Texts by path; directories end in `/`. Without the answers file. */
  readonly tree: Readonly<Record<string, string>>
}

export const readTree = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fs
      .readdirSync(directory, { recursive: true, withFileTypes: true, encoding: "utf8" })
      .map((entry): [string, string] => {
        const absolute = join(entry.parentPath, entry.name)
        const path = relative(directory, absolute)
        return entry.isDirectory() ? [`${path}/`, ""] : [path, fs.readFileSync(absolute, "utf8")]
      })
      .filter(([path]) => path !== ".exlab-answers.yml")
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

/** Resolves a template, answers its questions with `variables`, and renders it into a new directory. */
export const render = (
  variables: JsonObject = {},
  options: { readonly name?: string; readonly pluginVariables?: ReadonlyArray<string> } = {},
) =>
  Effect.gen(function* () {
    const engine = yield* TemplateEngine
    const { name = "t", pluginVariables = [] } = options
    const resolved = yield* resolve(name, pluginVariables)
    const answers = yield* engine.answer(resolved, builtIn, variables, pluginVariables)
    const destination = yield* emptyDirectory
    const result = yield* renderInto(resolved, { destination, answers })
    const rendered: Rendered = { result, destination, tree: readTree(destination) }
    return rendered
  })

/** The names of the disk operations of an effect, in order. */
export const operations = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const faults = yield* FaultDisk.DiskFaults
    yield* faults.arm(() => FaultDisk.Action.Pass())
    yield* effect
    return yield* faults.disarm
  })

export const failureOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.option(Effect.flip(effect)), Option.getOrUndefined)
