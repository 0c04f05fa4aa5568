import { Schema } from "effect"
import { RunKind } from "./CreateRequest.ts"
import { Field } from "./Field.ts"
import { Json, JsonObject } from "./Json.ts"
import { wireStruct } from "./wire.ts"

/** What a plugin asks a person. Every prompt has an id of its own. */
export const Prompt = wireStruct({
  promptId: Schema.String,
  plugin: Schema.String,
  reason: Schema.String,
  fields: Schema.Array(Field),
  file: Schema.optionalWith(Schema.String, { exact: true }),
})
export type Prompt = typeof Prompt.Type

/** What a person answered, with who and when: it goes into the record. */
export const Answer = wireStruct({
  promptId: Schema.String,
  inputs: JsonObject,
  answeredBy: Schema.String,
  answeredAt: Schema.DateTimeUtc,
})
export type Answer = typeof Answer.Type

/** One pass of plugins over a freshly rendered tree. Plain data: a host may hand it to another process. */
export const PluginPass = wireStruct({
  sessionId: Schema.String,
  /** Absolute path of the tree that the plugins may change. */
  tree: Schema.String,
  /** Absolute path of an existing directory for the plugins' private copies. */
  copies: Schema.String,
  /** Absolute path at which the tree will be published. */
  destination: Schema.String,
  /** The template's plugins, in order. */
  plugins: Schema.Array(Schema.String),
  pluginsFatal: Schema.Boolean,
  /** Rendered and copied files, relative to the tree. */
  files: Schema.Array(Schema.String),
  variables: JsonObject,
  template: wireStruct({ name: Schema.String, version: Schema.String }),
  runKind: RunKind,
  equipmentId: Schema.String,
  project: Schema.String,
})
export type PluginPass = typeof PluginPass.Type

export const PluginStatus = Schema.Literal("success", "failed", "skipped", "timeout", "policy_violation")
export type PluginStatus = typeof PluginStatus.Type

/** What became of one plugin in one pass. */
export const PluginApplied = wireStruct({
  plugin: Schema.String,
  version: Schema.String,
  filesAffected: Schema.Array(Schema.String),
  status: PluginStatus,
  /** Absent where nothing ran: other readers want whole numbers or no block. */
  isolation: Schema.optionalWith(
    wireStruct({ durationMs: Schema.Int, exitCode: Schema.Int, peakMemoryMb: Schema.Int }),
    { exact: true },
  ),
  /** Facts for `provenance`: tier, digests before and after, the reason of a failure. */
  facts: JsonObject,
  answers: Schema.Array(Answer),
})
export type PluginApplied = typeof PluginApplied.Type

/**
 * Where a suspended pass goes on. Only its host can read `state`; to everybody else it is data that can
 * be stored, sent, and given back.
 */
export const Continuation = wireStruct({ pass: PluginPass, state: Json })
export type Continuation = typeof Continuation.Type

/** A pass ends, or stops to ask. */
export const PassStep = Schema.Union(
  Schema.TaggedStruct("Finished", { applied: Schema.Array(PluginApplied) }),
  Schema.TaggedStruct("Asked", { prompt: Prompt, continuation: Continuation }),
)
export type PassStep = typeof PassStep.Type

/** The variables that a plugin reads, as its manifest declares them. */
export interface PluginDeclaration {
  readonly name: string
  readonly requiredVariables: ReadonlyArray<string>
  readonly optionalVariables: ReadonlyArray<string>
}
