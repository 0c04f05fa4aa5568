import { type Array, Context, type Effect } from "effect"
import type { DiskError, TemplateLoadError, TemplateRenderFailed } from "../domain/Errors.ts"
import type { Issue } from "../domain/Errors.ts"
import type { JsonObject } from "../domain/Json.ts"
import type { Preview } from "../domain/Preview.ts"
import type {
  BuiltInVariables,
  LintFinding,
  LocatedTemplate,
  RenderResult,
  ResolvedTemplate,
  TemplateVariables,
} from "../domain/Template.ts"

/** Called after each file; `current` of `total` files are written. */
export type RenderProgress = (current: number, total: number, file: string) => Effect.Effect<void>

export interface TemplateList {
  /** By name, which is that of the folder. */
  readonly templates: ReadonlyArray<{ readonly name: string; readonly located: LocatedTemplate }>
  readonly unusable: ReadonlyArray<{ readonly name: string; readonly error: TemplateLoadError }>
}

export interface TemplatePreview
  extends Pick<Preview, "directories" | "text">, Omit<RenderResult, "durationMillis"> {}

/** Turns a template and answers into files. See `docs/templates.md`. */
export class TemplateEngine extends Context.Tag("exlab-wizard/TemplateEngine")<
  TemplateEngine,
  {
    /**
     * Finds a template by name, or by a path that lies inside a template root when every link is
     * resolved, and reads its manifest. An equipment's own template goes before a global one.
     */
    readonly locate: (
      templatePath: string,
      scope: { readonly equipmentId: string },
    ) => Effect.Effect<LocatedTemplate, TemplateLoadError>
    /** The templates that `locate` finds by name, and the folders beside them that hold none that can be used. */
    readonly list: (scope: { readonly equipmentId: string | null }) => Effect.Effect<TemplateList, DiskError>
    /**
     * Reads and checks every file of it: what can't render is found here and not in the middle.
     * `pluginVariables` are declared besides the questions. Compiled templates are cached by content.
     */
    readonly resolve: (
      located: LocatedTemplate,
      pluginVariables: ReadonlyArray<string>,
    ) => Effect.Effect<ResolvedTemplate, TemplateLoadError>
    /**
     * Checks a caller's answers against the questions: required, type, choices, pattern, unknown names,
     * built-in names. Defaults and `when` are evaluated in the order of the questions. What comes back
     * has a value for every question: one that wasn't asked or answered is `""`, a boolean false.
     * Issues carry `variables.<id>`.
     */
    readonly answer: (
      template: ResolvedTemplate,
      builtIn: BuiltInVariables,
      variables: JsonObject,
      pluginVariables: ReadonlyArray<string>,
    ) => Effect.Effect<JsonObject, Array.NonEmptyReadonlyArray<Issue>>
    /**
     * Renders into an existing empty directory: names, texts, verbatim copies, the answers file
     * `.exlab-answers.yml`, and the README's prose, which is returned. Interruptible between files.
     */
    readonly render: (
      template: ResolvedTemplate,
      destination: string,
      variables: TemplateVariables,
      progress: RenderProgress,
    ) => Effect.Effect<RenderResult, TemplateRenderFailed | DiskError>
    /** What `render` would make, without writing anything. Of the texts, the one at `wantedText` is given. */
    readonly preview: (
      template: ResolvedTemplate,
      variables: TemplateVariables,
      wantedText: string | null,
    ) => Effect.Effect<TemplatePreview, TemplateRenderFailed | DiskError>
    /** Checks one template, or a folder of them, without using it. Findings by file, then line. */
    readonly lint: (path: string) => Effect.Effect<ReadonlyArray<LintFinding>, DiskError>
  }
>() {}
