import { Context, type Effect } from "effect"
import type {
  DiskError,
  PluginFailed,
  PluginHostUnavailable,
  PluginVariablesInvalid,
} from "../domain/Errors.ts"
import type { JsonObject } from "../domain/Json.ts"
import type { Answer, Continuation, PassStep, PluginDeclaration, PluginPass } from "../domain/Plugin.ts"
import type { PluginInventory } from "../domain/PluginCatalog.ts"
import type { PreviewPlugin } from "../domain/Preview.ts"
import type { LogLevel } from "./WizardLog.ts"

/** How a pass tells what it is doing. All are cheap and never fail. */
export interface PassReport {
  /** `current` of `total` plugins are through. */
  readonly progress: (current: number, total: number, plugin: string) => Effect.Effect<void>
  readonly warning: (message: string, code?: string) => Effect.Effect<void>
  /** What a plugin says for the log. Nobody who follows the session is told. */
  readonly log: (plugin: string, level: LogLevel, message: string) => Effect.Effect<void>
}

export type PassError = PluginFailed | PluginVariablesInvalid | PluginHostUnavailable | DiskError

/**
 * Runs plugins over a rendered tree. One that fails leaves no trace in the tree; it is a warning and an
 * entry of the result, unless the template says that failures are fatal.
 */
export class PluginHost extends Context.Tag("exlab-wizard/PluginHost")<
  PluginHost,
  {
    /** What was found, what was left out and why, and how plugins are kept apart here. */
    readonly inventory: Effect.Effect<PluginInventory>
    /** What the named plugins declare; names that aren't known are left out (`check` reports them). */
    readonly declarations: (
      names: ReadonlyArray<string>,
    ) => Effect.Effect<ReadonlyArray<PluginDeclaration>, PluginHostUnavailable>
    /** For the gate: every name is known and runnable, and its required variables are there. Runs no plugin code. */
    readonly check: (
      names: ReadonlyArray<string>,
      variables: JsonObject,
    ) => Effect.Effect<void, PluginVariablesInvalid | PluginHostUnavailable>
    /** Who would take part in a pass, in its order, and with which files. Runs no plugin code. */
    readonly candidates: (
      pass: Pick<PluginPass, "plugins" | "files" | "variables">,
    ) => Effect.Effect<ReadonlyArray<PreviewPlugin>>
    /** Runs a pass until it ends or a plugin asks. Nothing that needs a scope survives an `Asked`. */
    readonly start: (pass: PluginPass, report: PassReport) => Effect.Effect<PassStep, PassError>
    /** Goes on with the plugin that asked, then with those after it. */
    readonly continue: (
      continuation: Continuation,
      answer: Answer,
      report: PassReport,
    ) => Effect.Effect<PassStep, PassError>
  }
>() {}
