import { type Array, Effect, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { IsolationTier } from "../../../src/domain/PluginCatalog.ts"
import type { PluginManifest } from "../../../src/domain/PluginManifest.ts"
import { settingName } from "../../../src/domain/settingName.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { StagedCode } from "../code/PluginCode.ts"
import { isVisible, type Machine } from "./Machine.ts"
import { folderOf, ownFile, programsNamed } from "./programs.ts"

type Words = Array.NonEmptyReadonlyArray<string>

/**
 * The program that a command names: the first on the search path that a worker can read, as it would be found
 * inside. Fails with why there is none.
 */
const programFor = (
  name: string,
  tier: IsolationTier,
  machine: Machine,
): Effect.Effect<string, string, Disk> =>
  Effect.gen(function* () {
    const found = yield* programsNamed(name, machine.searchPath)
    const usable = found.find((program) => tier !== "os" || isVisible(machine, program))
    if (usable !== undefined) return usable.path
    const [hidden] = found
    return yield* Effect.fail(
      hidden === undefined
        ? `there is no program ${name}`
        : `its program ${hidden.path} lies in ${folderOf(hidden.real)}, which plugins can't read: ` +
            `add that folder to the setting ${settingName("plugins", "readablePaths")}`,
    )
  })

/** What a worker runs: the program and its arguments; for a Node plugin our runner and the plugin's module. */
export const wordsOf = (
  manifest: PluginManifest,
  { directory, stage }: StagedCode,
  tier: IsolationTier,
  machine: Machine,
): Effect.Effect<Words, string, Disk> =>
  Effect.gen(function* () {
    if (manifest.runtime === "node") {
      return [joinPath(stage, "runner.mjs"), joinPath(directory, manifest.entry)]
    }
    const [name, ...rest] = manifest.command
    const own = yield* ownFile(name, directory)
    const program = Option.isSome(own) ? own.value : yield* programFor(name, tier, machine)
    const args = yield* Effect.forEach(rest, (word) =>
      Effect.map(
        ownFile(word, directory),
        Option.getOrElse(() => word),
      ),
    )
    return [program, ...args]
  })
