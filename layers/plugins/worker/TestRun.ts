import type { FileStatus, Json, PluginContext } from "./PluginDefinition.ts"
import type { PluginPrompt } from "./Drive.ts"

type Contents = string | Uint8Array

/** What a test gives to a plugin. Whatever is left out has a harmless value. */
export interface TestOptions extends Partial<
  Omit<PluginContext, "root" | "log" | "requestInput" | "variables" | "extraInputs">
> {
  /** The tree, by relative path. Text is written as UTF-8. */
  readonly files?: Readonly<Record<string, Contents>>
  /** The files that the plugin is given, in order. Default: all. */
  readonly matching?: ReadonlyArray<string>
  readonly variables?: { readonly [name: string]: Json }
  /** Answers, by field id. */
  readonly extraInputs?: { readonly [id: string]: Json }
  /** To go on after a question: its `file`. */
  readonly resumeFile?: string | undefined
  /** `describe` calls that hook instead of `transform`. */
  readonly mode?: "transform" | "describe"
}

export interface TestChange {
  readonly path: string
  readonly kind: "created" | "modified" | "deleted"
  /** What is in the file now, read as UTF-8; null when it is deleted. */
  readonly text: string | null
}

/** What became of it. */
export interface TestRun {
  readonly outcome: "success" | "failed" | "asked" | "variables_refused"
  /** What the plugin says about the variables. */
  readonly errors: ReadonlyArray<string>
  /** What it threw, and the message that the service would record. */
  readonly error: unknown
  readonly message: string | null
  readonly prompt: PluginPrompt | null
  readonly logs: ReadonlyArray<{
    readonly level: "info" | "warn" | "error"
    readonly message: string
    readonly context?: { readonly [key: string]: Json }
  }>
  /** What it said of its files. */
  readonly reports: ReadonlyArray<{
    readonly path: string
    readonly status: FileStatus
    readonly detail?: string
  }>
  /** What it did, by path. A plugin that failed did nothing that stays. */
  readonly changes: ReadonlyArray<TestChange>
  /** All files as they are now: give them to the next `testPlugin`, to go on after a question. */
  readonly files: Readonly<Record<string, Uint8Array>>
}
