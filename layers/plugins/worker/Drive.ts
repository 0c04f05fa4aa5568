import type { FileStatus, Json, PluginContext, PluginField } from "./PluginDefinition.ts"

/** What passes between a plugin that `definePlugin` made and those who run it: the runner, and `testPlugin`. */

/** A plugin as its module exports it, by default. Only `definePlugin` makes one. */
export interface Plugin {
  /** Of the kit that it was written with. */
  readonly kit: 1
  /** @internal */
  readonly drive: Drive
}

/** The input line, as `docs/plugin-protocol.md` describes it. */
export interface WireInput {
  readonly v: 1
  readonly mode: "validate" | "transform" | "describe"
  readonly context: {
    readonly variables: PluginContext["variables"]
    readonly root: string
    readonly destination: string
    readonly template: PluginContext["template"]
    readonly run_kind: PluginContext["runKind"]
    readonly equipment_id: string
    readonly project: string
    readonly dry_run: boolean
  }
  readonly files: ReadonlyArray<string>
  readonly extra_inputs: PluginContext["extraInputs"] | null
  readonly resume_file: string | null
}

export interface PluginPrompt {
  readonly fields: ReadonlyArray<PluginField>
  readonly reason: string
  /** The file in work. */
  readonly file?: string
}

export type WireMessage =
  | { readonly kind: "progress"; readonly file: string; readonly current: number; readonly total: number }
  | { readonly kind: "file"; readonly path: string; readonly status: FileStatus; readonly detail?: string }
  | {
      readonly kind: "log"
      readonly level: "info" | "warn" | "error"
      readonly message: string
      readonly context?: { readonly [key: string]: Json }
    }

export type WireLast =
  | { readonly kind: "result"; readonly errors?: ReadonlyArray<string> }
  | { readonly kind: "error"; readonly message: string }
  | ({ readonly kind: "input_required" } & PluginPrompt)

/** Who follows a plugin that is being driven. */
export interface Listener {
  readonly say: (message: WireMessage) => void
  /** What was thrown, as it was thrown. */
  readonly failed: (error: unknown) => void
}

/** Goes through the hooks that a mode asks for. Never rejects. */
export type Drive = (input: WireInput, listener: Listener) => Promise<WireLast>
