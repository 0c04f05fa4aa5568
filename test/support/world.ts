import { mkdir, readdir, writeFile } from "node:fs/promises"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer, TestServices } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { ports } from "../../layers/Embedded.ts"
import { type PartialSettings, withDefaults } from "../../layers/EmbeddedSettings.ts"
import { layerTest as scriptedNas, type NasBehaviour } from "../../layers/nas/ScriptedNasSync.ts"
import { layerTest as scriptedPlugins, type PluginScripts } from "../../layers/plugins/ScriptedPluginHost.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { Settings } from "../../src/ports/Settings.ts"
import * as FaultDisk from "./FaultDisk.ts"
import * as HookedStore from "./HookedStore.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

export interface WorldOptions {
  readonly plugins?: PluginScripts
  readonly nas?: NasBehaviour
  readonly settings?: PartialSettings
}

/** A template by name: a project's or a run's, with these plugins, and one rendered and one copied file. */
const writeTemplate = async (
  root: string,
  name: string,
  type: "project" | "run",
  plugins: ReadonlyArray<string>,
) => {
  const folder = join(root, "templates", name)
  await mkdir(join(folder, "raw"), { recursive: true })
  const scope = type === "run" ? "run_scope: both\n" : ""
  await writeFile(
    join(folder, "template.yaml"),
    `name: ${name}\nversion: "1"\ntype: ${type}\n${scope}plugins: [${plugins.join(", ")}]\n`,
  )
  await writeFile(join(folder, "notes.txt.hbs"), "{{label}} by {{operator}}\n")
  await writeFile(join(folder, "raw", "table.bin"), Buffer.from([0, 1, 2, 255]))
}

/**
 * Writes `plain_project` and `plain_run` below `root/templates`, and for each scripted plugin `x` the
 * templates `x_project` and `x_run` that use it.
 */
export const writeTemplates = (root: string, plugins: PluginScripts = {}): Effect.Effect<void> =>
  Effect.promise(async () => {
    const all = [["plain", []] as const, ...Object.keys(plugins).map((name) => [name, [name]] as const)]
    for (const [name, uses] of all) {
      await writeTemplate(root, `${name}_project`, "project", uses)
      await writeTemplate(root, `${name}_run`, "run", uses)
    }
  })

export const settingsBelow = (root: string, settings: PartialSettings = {}) =>
  withDefaults({
    ...settings,
    paths: { localRoot: join(root, "local"), templatesDir: join(root, "templates"), ...settings.paths },
    sessions: { shutdownGraceSeconds: 0, ...settings.sessions },
  })

/** The real service on real files below `root`, with hooks in its store and faults in its disk. */
export const world = (root: string, options: WorldOptions = {}) =>
  CreationController.layer.pipe(
    Layer.provideMerge(scriptedNas(options.nas)),
    Layer.provide(scriptedPlugins(options.plugins ?? {})),
    Layer.provideMerge(HookedStore.layer),
    Layer.provideMerge(ports),
    Layer.provideMerge(FaultDisk.layer),
    Layer.provideMerge(Layer.merge(NodeDisk.layer, Settings.layer(settingsBelow(root, options.settings)))),
  )

/** A temporary root with templates in it, and the world on it. */
export const inWorld = <A, E, R>(options: WorldOptions, body: (root: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      yield* writeTemplates(root, options.plugins)
      return yield* Effect.provide(body(root), world(root, options))
    }),
  )

const realSleep = (duration: "1 millis" | "60 seconds") =>
  Effect.interruptible(TestServices.provideLive(Effect.sleep(duration)))

/** Waits, on the real clock, until something holds; a minute at most. Works in uninterruptible regions, too. */
export const until = <E, R>(what: string, holds: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
  Effect.raceFirst(
    Effect.asVoid(Effect.repeat(Effect.zipLeft(holds, realSleep("1 millis")), { until: (found) => found })),
    Effect.zipRight(realSleep("60 seconds"), Effect.dieMessage(`${what} did not happen`)),
  )

/** What is left in any staging area below a folder: names, relative. */
export const leftInStaging = (folder: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    if (!existsSync(folder)) return []
    const all = await readdir(folder, { recursive: true })
    return all.filter((path) => /(^|\/)staging\/./.test(path)).sort()
  })
