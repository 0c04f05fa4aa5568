import { chmod, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import * as Isolation from "../../../../layers/plugins/isolation/Isolation.ts"
import { run } from "../../../../layers/plugins/process/WorkerProcess.ts"
import type { IsolationTier, RegisteredPlugin } from "../../../../src/domain/PluginCatalog.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { settingsBelow } from "../../../support/world.ts"

export const generous = { timeoutSeconds: 20, cpuSeconds: 20, memoryMb: 256, network: false }

/** A plugin of these words; of Node when there are none. */
const pluginOf = (command: ReadonlyArray<string>, directory: string): RegisteredPlugin => {
  const common = {
    name: "p",
    version: "1",
    apiVersion: "1",
    matches: [],
    requiredVariables: [],
    optionalVariables: [],
    isolation: generous,
  } as const
  const [program, ...args] = command
  return {
    directory,
    source: "lab",
    manifest:
      program === undefined
        ? { ...common, runtime: "node", entry: "plugin.mjs" }
        : { ...common, runtime: "command", command: [program, ...args] },
  }
}

export interface Trial {
  readonly tier?: IsolationTier
  /** Files of the plugin's folder that can be run; `runner.mjs` stands for our runner. */
  readonly files?: Readonly<Record<string, string>>
  readonly command?: ReadonlyArray<string>
  readonly limits?: Partial<typeof generous>
  readonly readablePaths?: ReadonlyArray<string>
}

/** A plugin's code and a working copy with one file, and how its worker is to be started. */
export const prepare = ({ command = [], files = {}, limits, readablePaths = [], tier }: Trial) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const [stage, directory, tree] = [join(root, "stage"), join(root, "stage/code"), join(root, "tree")]
    yield* Effect.promise(async () => {
      await mkdir(directory, { recursive: true })
      await mkdir(tree)
      await writeFile(join(root, "outside"), "outside")
      for (const [name, text] of Object.entries(files)) {
        const path = join(name === "runner.mjs" ? stage : directory, name)
        await mkdir(join(path, ".."), { recursive: true })
        await writeFile(path, text)
        await chmod(path, 0o755)
      }
    })
    const isolation = yield* Isolation.make(tier === undefined ? {} : { force: tier }).pipe(
      Effect.provide(Settings.layer(settingsBelow(root, { plugins: { readablePaths } }))),
    )
    const place = {
      plugin: pluginOf(command, directory),
      code: { digest: "", stage, directory },
      tree,
      limits: { ...generous, ...limits },
    }
    return { root, directory, tree, isolation, order: isolation.order(place) }
  })

/** Starts it, and hears what it says. */
export const start = (trial: Trial) =>
  Effect.gen(function* () {
    const { order, root, tree } = yield* prepare(trial)
    const lines: Array<string> = []
    const report = yield* run(
      { ...(yield* order), stdin: root, volume: { path: tree, minFreeBytes: 0 } },
      (line) => Effect.sync(() => lines.push(line)),
    )
    return { ...report, lines, root, tree }
  })
