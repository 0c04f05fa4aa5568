import { Array, Order } from "effect"
import { collisionKey } from "../../../src/domain/PathSegment.ts"
import type { ExcludedPlugin, PluginCatalog, RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import { exclude, type FoundPlugin } from "./FoundPlugin.ts"

const keyOf = ({ manifest }: RegisteredPlugin): string => collisionKey(manifest.name)

const refuse = ({ directory, manifest, source }: RegisteredPlugin, reason: string): ExcludedPlugin =>
  exclude({ name: manifest.name, directory, source }, [reason])

/** Plugins of one source whose names are one name where case doesn't count: none of them can be meant. */
const collisions = (plugins: ReadonlyArray<RegisteredPlugin>): ReadonlyArray<ExcludedPlugin> =>
  Object.values(Array.groupBy(plugins, keyOf)).flatMap((same) =>
    same.length === 1
      ? []
      : same.map((plugin) => {
          const others = same.filter((other) => other !== plugin).map(({ directory }) => directory)
          return refuse(plugin, `has the name of ${others.join(" and ")}, where case doesn't count`)
        }),
  )

/** Plugins of a lab that would stand beside a bundled one, not in its place, and be one with it elsewhere. */
const lookAlikes = (
  lab: ReadonlyArray<RegisteredPlugin>,
  bundled: ReadonlyArray<RegisteredPlugin>,
): ReadonlyArray<ExcludedPlugin> =>
  lab.flatMap((plugin) =>
    bundled
      .filter((other) => keyOf(other) === keyOf(plugin) && other.manifest.name !== plugin.manifest.name)
      .map(({ manifest: { name } }) =>
        refuse(
          plugin,
          `has the name of the bundled plugin ${name} but for its case: spell it the same, or rename it`,
        ),
      ),
  )

const without = (
  plugins: ReadonlyArray<RegisteredPlugin>,
  excluded: ReadonlyArray<ExcludedPlugin>,
): ReadonlyArray<RegisteredPlugin> => {
  const out = new Set(excluded.map(({ directory }) => directory))
  return plugins.filter(({ directory }) => !out.has(directory))
}

const byName = Order.mapInput(Order.string, ({ manifest }: RegisteredPlugin) => manifest.name)

const byNameAndPlace = Order.combine(
  Order.mapInput(Order.string, ({ name }: ExcludedPlugin) => name),
  Order.mapInput(Order.string, ({ directory }: ExcludedPlugin) => directory),
)

/** Puts what was found in order: a lab's plugin that can be used goes before the bundled one of its name. */
export const catalogOf = (found: ReadonlyArray<FoundPlugin>): PluginCatalog => {
  const [broken, sound] = Array.separate(found)
  const ambiguous = (["bundled", "lab"] as const).flatMap((source) =>
    collisions(sound.filter((plugin) => plugin.source === source)),
  )
  const [bundled, labs] = Array.partition(without(sound, ambiguous), ({ source }) => source === "lab")
  const alike = lookAlikes(labs, bundled)
  const lab = without(labs, alike)
  const labNames = new Set(lab.map(({ manifest }) => manifest.name))
  const [kept, replaced] = Array.partition(bundled, ({ manifest }) => labNames.has(manifest.name))
  const keptNames = new Set(kept.map(({ manifest }) => manifest.name))
  const excluded = [...broken, ...ambiguous, ...alike].map((one) =>
    one.source === "lab" && keptNames.has(one.name)
      ? exclude(one, Array.append(one.reasons, "the bundled plugin of this name is used instead"))
      : one,
  )
  return {
    plugins: Array.sort([...kept, ...lab], byName),
    excluded: Array.sort(excluded, byNameAndPlace),
    replaced: Array.sort(replaced, byName),
  }
}
