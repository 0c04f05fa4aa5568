import { Schema } from "effect"
import { IsolationTier } from "../../../../src/domain/PluginCatalog.ts"
import { PluginApplied } from "../../../../src/domain/Plugin.ts"

/** What a pass came to, as the service of the test tells it. */
export const Reply = Schema.Struct({
  applied: Schema.Array(PluginApplied),
  /** Why there was no end; null when there was one. */
  error: Schema.NullOr(Schema.String),
  prompts: Schema.Int,
  warnings: Schema.Array(Schema.String),
  /** All that the plugins said, cut. */
  log: Schema.String,
  /** The most memory that the service itself had while it worked, in MiB above what it had before. */
  grownMb: Schema.Number,
})
export type Reply = typeof Reply.Type

/** What the service of the test says when it is ready. */
export const Greeting = Schema.Struct({
  tiers: Schema.Struct({ node: IsolationTier, command: IsolationTier }),
  /** Why its tier can't be had here; null when it can. */
  problem: Schema.NullOr(Schema.String),
  /** What couldn't be used of the plugins. */
  excluded: Schema.Array(Schema.String),
})
export type Greeting = typeof Greeting.Type
