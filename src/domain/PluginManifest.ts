import { Schema } from "effect"
import { wireStruct } from "./wire.ts"

/** The versions of the plugin protocol that this service speaks. */
export const supportedApiVersions = ["1"] as const

/** What a plugin may use: seconds of wall clock and of CPU, MiB of memory, the network. */
export const PluginLimits = wireStruct({
  timeoutSeconds: Schema.optionalWith(
    Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(300)),
    { exact: true, default: () => 30 },
  ),
  memoryMb: Schema.optionalWith(Schema.Int.pipe(Schema.between(64, 2048)), {
    exact: true,
    default: () => 512,
  }),
  network: Schema.optionalWith(Schema.Boolean, { exact: true, default: () => false }),
})
export type PluginLimits = typeof PluginLimits.Type

const defaultLimits: PluginLimits = { timeoutSeconds: 30, memoryMb: 512, network: false }

const names = Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { exact: true, default: () => [] })

const common = {
  name: Schema.String.pipe(
    Schema.pattern(/^[A-Za-z0-9_-]{1,64}$/, { message: () => "must be 1–64 of A–Z, a–z, 0–9, _ and -" }),
  ),
  version: Schema.NonEmptyString,
  author: Schema.optionalWith(Schema.String, { exact: true }),
  description: Schema.optionalWith(Schema.String, { exact: true }),
  apiVersion: Schema.Literal(...supportedApiVersions),
  /** Extensions (`.csv`) or globs, relative to the tree. */
  matches: names,
  requiredVariables: names,
  optionalVariables: names,
  isolation: Schema.optionalWith(PluginLimits, { exact: true, default: () => defaultLimits }),
}

/** An ES module that default-exports a plugin. */
const NodePlugin = wireStruct({
  runtime: Schema.Literal("node"),
  ...common,
  entry: Schema.NonEmptyString,
})

/** Any program that speaks the protocol. */
const CommandPlugin = wireStruct({
  runtime: Schema.Literal("command"),
  ...common,
  command: Schema.NonEmptyArray(Schema.NonEmptyString),
})

/** `manifest.yaml` of a plugin. See `docs/plugins.md`. */
export const PluginManifest = Schema.Union(NodePlugin, CommandPlugin)
export type PluginManifest = typeof PluginManifest.Type
