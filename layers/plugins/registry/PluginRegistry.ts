import { Clock, Effect, Ref } from "effect"
import type { PluginCatalog, RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import * as SharedWork from "../../sharing/SharedWork.ts"
import { catalogOf } from "./catalogOf.ts"
import { findPlugins, type KeptManifests } from "./findPlugins.ts"
import type { PluginRoot } from "./FoundPlugin.ts"

/** How long what was found is taken for what is there, in milliseconds. */
const freshMillis = 5000

/** The plugins of some folders. */
export interface PluginRegistry {
  /**
   * What is there, at most five seconds ago. Nothing in those folders makes it fail: what can't be used is in
   * it with the reasons.
   */
  readonly catalog: Effect.Effect<PluginCatalog>
}

interface Look {
  readonly at: number
  readonly catalog: PluginCatalog
  readonly manifests: KeptManifests
}

const noLook: Look = {
  at: -Infinity,
  catalog: { plugins: [], excluded: [], replaced: [] },
  manifests: new Map(),
}

const nameOf = ({ manifest }: RegisteredPlugin): string => manifest.name

/** Tells of the bundled plugins that a lab's plugin stands in for since the look before. */
const tellReplaced = (before: PluginCatalog, now: PluginCatalog): Effect.Effect<void> => {
  const known = new Set(before.replaced.map(nameOf))
  const names = now.replaced.map(nameOf).filter((name) => !known.has(name))
  return Effect.forEach(
    now.plugins.filter((plugin) => names.includes(nameOf(plugin))),
    (plugin) =>
      Effect.logInfo(`the lab's plugin ${nameOf(plugin)} replaces the bundled one`, {
        directory: plugin.directory,
      }),
    { discard: true },
  )
}

export const make = (
  roots: ReadonlyArray<PluginRoot>,
): Effect.Effect<PluginRegistry, never, Disk | Settings> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const { plugins } = yield* Settings
    const last = yield* Ref.make(noLook)
    const work = SharedWork.make<PluginCatalog, never>()

    const look = Effect.fn("PluginRegistry.look")(function* (at: number) {
      const before = yield* Ref.get(last)
      const search = { disk, allowNetwork: plugins.allowNetwork, before: before.manifests }
      const { found, manifests } = yield* findPlugins(search, roots)
      const catalog = catalogOf(found)
      // Told once: neither without the other.
      yield* Effect.uninterruptible(
        Effect.zipRight(Ref.set(last, { at, catalog, manifests }), tellReplaced(before.catalog, catalog)),
      )
      return catalog
    })

    const catalog = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const { at, catalog } = yield* Ref.get(last)
      return Math.abs(now - at) < freshMillis ? catalog : yield* work.share("look", look(now))
    })

    return { catalog }
  })
