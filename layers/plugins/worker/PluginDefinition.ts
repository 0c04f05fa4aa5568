/** What an author of a plugin writes and is given: the types of `exlab-wizard/plugin`. */

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** Something that a person is asked to fill in. */
export interface PluginField {
  /** A letter or `_`, then letters, digits or `_`: the answer's name in `extraInputs`. */
  readonly id: string
  /** What the person reads. */
  readonly label: string
  readonly type: "string" | "text" | "number" | "integer" | "boolean" | "date" | "choice"
  /** For a choice, and only there. */
  readonly options?: ReadonlyArray<string>
  readonly required?: boolean
  readonly default?: Json
  readonly hint?: string
  /** A regular expression (flag `u`) for a string or a text. */
  readonly pattern?: string
}

type Say = (message: string, context?: Readonly<Record<string, unknown>>) => void

/** The session's log. Messages are cut at 1,024 characters, context included. */
export interface PluginLog {
  readonly info: Say
  readonly warn: Say
  readonly error: Say
}

/** What a plugin knows of the project or run whose files it changes. */
export interface PluginContext {
  /** The answers to the template's questions. */
  readonly variables: { readonly [name: string]: Json }
  /** Absolute path of the only tree that may be changed. Paths of files are relative to it. */
  readonly root: string
  /** Absolute path at which the tree will be published. */
  readonly destination: string
  readonly template: { readonly name: string; readonly version: string }
  readonly runKind: "experimental" | "test"
  readonly equipmentId: string
  readonly project: string
  /** Nothing that the plugin does will be kept. */
  readonly dryRun: boolean
  /** All that people have answered so far, by field id. Empty before the first answer. */
  readonly extraInputs: { readonly [id: string]: Json }
  readonly log: PluginLog
  /**
   * Asks a person and never returns: the worker ends here. When there is an answer, the plugin starts anew
   * with the file in work, and finds the answers in `extraInputs`. Files that it had finished are not given
   * to it again; `before` runs again. It can be called in `before`, `canHandle`, `transform` and `describe`.
   */
  readonly requestInput: (fields: ReadonlyArray<PluginField>, reason: string) => never
}

export type FileStatus = "modified" | "created" | "renamed" | "deleted" | "skipped"

/** What was done to a file, for the log. Nothing means that it was modified. */
export type FileOutcome = void | FileStatus | { readonly status: FileStatus; readonly detail?: string }

type Awaitable<A> = A | Promise<A>

/** The hooks of a plugin. Paths are relative to `ctx.root`, with `/` between their segments. */
export interface PluginDefinition {
  /** What is wrong with the variables, a sentence each. Runs before any file is changed, without any file. */
  readonly validateVariables?: (
    variables: PluginContext["variables"],
  ) => Awaitable<ReadonlyArray<string> | void>
  /** Whether a file that matches the manifest is one for this plugin. Default: yes. */
  readonly canHandle?: (file: string, ctx: PluginContext) => Awaitable<boolean>
  /** Before the first file, at every start. */
  readonly before?: (ctx: PluginContext) => Awaitable<void>
  /** Changes one file, or what belongs to it. To throw fails the plugin, and undoes all of its work. */
  readonly transform: (file: string, ctx: PluginContext) => Awaitable<FileOutcome>
  /** What `transform` would do to a file, in words, without doing it. */
  readonly describe?: (file: string, ctx: PluginContext) => Awaitable<string | FileOutcome>
  /** After the last file. */
  readonly after?: (ctx: PluginContext) => Awaitable<void>
  /** After an error: a place to close what is open. The error is reported in any case. */
  readonly onFailure?: (error: unknown, ctx: PluginContext) => Awaitable<void>
}
