import { Schema } from "effect"
import { JsonObject } from "../../../src/domain/Json.ts"
import { Answer, PluginApplied } from "../../../src/domain/Plugin.ts"
import { wireStruct } from "../../../src/domain/wire.ts"

/** What workers of one plugin used so far, over all of its starts in a pass. */
export const Usage = wireStruct({ durationMs: Schema.Int, peakMemoryMb: Schema.Int })
export type Usage = typeof Usage.Type

/** A plugin that asked, with its private copy as it left it. */
export const Waiting = wireStruct({
  plugin: Schema.String,
  /** Of the code that asked: no other goes on. */
  codeDigest: Schema.String,
  /** Absolute path of the copy. */
  copy: Schema.String,
  promptId: Schema.String,
  resumeFile: Schema.NullOr(Schema.String),
  /** The ids of the fields that it asked for last. */
  asked: Schema.Array(Schema.String),
  /** All that was answered so far, merged; what was left blank is null. */
  extraInputs: JsonObject,
  answers: Schema.Array(Answer),
  usage: Usage,
})
export type Waiting = typeof Waiting.Type

/** A plugin whose turn comes, with the digest of the code that looked at the variables: no other runs. */
export const Next = wireStruct({ plugin: Schema.String, codeDigest: Schema.String })
export type Next = typeof Next.Type

/** Where a suspended pass stands. */
export const PassState = wireStruct({
  waiting: Waiting,
  /** Plugins that come after the one that waits. */
  next: Schema.Array(Next),
  applied: Schema.Array(PluginApplied),
  /** Prompts of this pass, the last one included. */
  prompts: Schema.Int,
})
export type PassState = typeof PassState.Type

export const encodePassState = Schema.encode(PassState)
export const decodePassState = Schema.decodeUnknown(PassState)

/** Somebody who is asked more often in one pass isn't asked by a sane plugin. */
export const maxPrompts = 20
