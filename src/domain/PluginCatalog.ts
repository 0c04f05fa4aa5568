import { type Array, Schema } from "effect"
import type { PluginManifest } from "./PluginManifest.ts"

/**
 * What keeps a plugin's code where it belongs, strongest first: the operating system (namespaces), Node's
 * permission model, or nothing but limits and a look at the tree afterwards.
 */
export const IsolationTier = Schema.Literal("os", "permission", "none")
export type IsolationTier = typeof IsolationTier.Type

/** Where a plugin comes from: this package, or the lab's own folder. */
export type PluginSource = "bundled" | "lab"

/** A plugin that may be used. */
export interface RegisteredPlugin {
  readonly manifest: PluginManifest
  /** Absolute path of its folder. */
  readonly directory: string
  readonly source: PluginSource
}

/** A folder that looks like a plugin and can't be used. */
export interface ExcludedPlugin {
  /** Of the folder. */
  readonly name: string
  readonly directory: string
  readonly source: PluginSource
  readonly reasons: Array.NonEmptyReadonlyArray<string>
}

/** All that discovery found. A lab's plugin replaces a bundled one of the same name. */
export interface PluginCatalog {
  /** By name. */
  readonly plugins: ReadonlyArray<RegisteredPlugin>
  readonly excluded: ReadonlyArray<ExcludedPlugin>
  /** Bundled plugins that a lab's plugin stands in for. */
  readonly replaced: ReadonlyArray<RegisteredPlugin>
}

/** What a host can run, and how well it keeps it apart. */
export interface PluginInventory extends PluginCatalog {
  /** By runtime: a tier may serve one and not the other. */
  readonly tiers: Readonly<Record<PluginManifest["runtime"], IsolationTier>>
  /** Why stronger tiers aren't to be had here, a sentence each. */
  readonly limitations: ReadonlyArray<string>
}

/** Of a host that runs no plugins. */
export const noPlugins: PluginInventory = {
  plugins: [],
  excluded: [],
  replaced: [],
  tiers: { node: "none", command: "none" },
  limitations: ["this service runs no plugins"],
}
