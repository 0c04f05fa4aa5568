import { Array, Order } from "effect"
import type { JsonObject } from "../../../src/domain/Json.ts"
import type { PluginPass } from "../../../src/domain/Plugin.ts"
import type { PluginCatalog, RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import type { PluginManifest } from "../../../src/domain/PluginManifest.ts"
import { matches } from "../registry/matching.ts"

/** The required variables of a plugin that nobody gave. */
export const missingVariables = (
  { requiredVariables }: PluginManifest,
  variables: JsonObject,
): ReadonlyArray<string> =>
  requiredVariables.filter((name) => !Object.hasOwn(variables, name) || variables[name] === "")

/** The files of a tree that a plugin is given: all of them when its manifest names none. */
export const filesFor = (manifest: PluginManifest, files: ReadonlyArray<string>): ReadonlyArray<string> =>
  manifest.matches.length === 0 ? files : files.filter(matches(manifest))

const byName = Order.mapInput(Order.string, ({ manifest }: RegisteredPlugin) => manifest.name)

/** A plugin that nobody named comes along when it has something to work on and to work with. */
const volunteers =
  ({ files, variables }: Pick<PluginPass, "files" | "variables">) =>
  ({ manifest }: RegisteredPlugin): boolean =>
    manifest.matches.length > 0 &&
    missingVariables(manifest, variables).length === 0 &&
    filesFor(manifest, files).length > 0

/** Who takes part in a pass: the template's plugins, in its order, then the others that match, by name. */
export const candidatesOf = (
  { plugins }: PluginCatalog,
  pass: Pick<PluginPass, "plugins" | "files" | "variables">,
): ReadonlyArray<RegisteredPlugin> => {
  const named = Array.dedupe(pass.plugins)
  const called = named.flatMap((name) => plugins.filter(({ manifest }) => manifest.name === name))
  const others = plugins.filter(({ manifest }) => !named.includes(manifest.name)).filter(volunteers(pass))
  return [...called, ...Array.sort(others, byName)]
}
