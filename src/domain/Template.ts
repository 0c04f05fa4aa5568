import { type DateTime, Schema } from "effect"
import type { RunKind, SessionKind } from "./CreateRequest.ts"
import { Field, FieldType } from "./Field.ts"
import { isJson, type Json } from "./Json.ts"
import { wireStruct } from "./wire.ts"

export const RunScope = Schema.Literal("experimental", "test", "both")
export type RunScope = typeof RunScope.Type

/** A question of a template, as its manifest writes it; `id` is the key above it. */
export const Question = Schema.Struct({
  type: FieldType,
  label: Schema.optionalWith(Schema.String, { exact: true }),
  help: Schema.optionalWith(Schema.String, { exact: true }),
  options: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  required: Schema.optionalWith(Schema.Boolean, { exact: true }),
  /** A literal, or an expression over core fields and earlier answers. */
  default: Schema.optionalWith(Schema.Unknown.pipe(Schema.filter(isJson)), { exact: true }),
  pattern: Schema.optionalWith(Schema.String, { exact: true }),
  /** Asked, and required, only if this renders to `true`. */
  when: Schema.optionalWith(Schema.String, { exact: true }),
})
export type Question = typeof Question.Type

export const TemplateType = Schema.Literal("project", "run")

/** `template.yaml`. See `docs/templates.md`. */
export const Manifest = wireStruct({
  name: Schema.String.pipe(
    Schema.pattern(/^[a-z][a-z0-9_-]*$/, { message: () => "must match ^[a-z][a-z0-9_-]*$" }),
  ),
  version: Schema.NonEmptyString,
  type: TemplateType,
  runScope: Schema.optionalWith(RunScope, { exact: true }),
  description: Schema.optionalWith(Schema.String, { exact: true }),
  questions: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Question }), { exact: true }),
  readme: Schema.optionalWith(
    Schema.Struct({
      fields: Schema.optionalWith(Schema.Array(Field), { exact: true }),
      body: Schema.optionalWith(Schema.String, { exact: true }),
    }),
    { exact: true },
  ),
  plugins: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  pluginsFatal: Schema.optionalWith(Schema.Boolean, { exact: true }),
  exclude: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  skipIfExists: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
})
export type Manifest = typeof Manifest.Type

/** A template that was found: its manifest is read, nothing else is. */
export interface LocatedTemplate {
  readonly manifest: Manifest
  /** Absolute real path of the template's directory. */
  readonly root: string
  /** Which root it came from. */
  readonly origin: "equipment" | "global"
}

/** A template whose every file was read and checked. */
export interface ResolvedTemplate extends LocatedTemplate {
  /** SHA-256 over the sorted relative paths and contents, hexadecimal. */
  readonly digest: string
  /** The manifest's plugins, in order. */
  readonly plugins: ReadonlyArray<string>
}

/** Variables that every template has besides its own questions. */
export const builtInVariables = [
  "label",
  "operator",
  "objective",
  "equipment_id",
  "equipment_label",
  "project_short_id",
  "project_name",
  "run_kind",
  "run_name",
  "run_date",
  "created_at",
] as const
export type BuiltInVariables = Readonly<Record<(typeof builtInVariables)[number], string>>

/** Everything that a template's expressions may name. */
export interface TemplateVariables {
  readonly builtIn: BuiltInVariables
  /** Checked answers by question id, and the variables of plugins. */
  readonly answers: Readonly<Record<string, Json>>
  /** For dates; default: the settings'. */
  readonly timeZone?: DateTime.TimeZone
}

/** Names that the service itself gives to something at the top of a tree. Compare by `collisionKey`. */
export const serviceNames = ["README.md", ".exlab-wizard", "Runs", "TestRuns"] as const

export const FileOrigin = Schema.Literal("rendered", "copied", "plugin")
export type FileOrigin = typeof FileOrigin.Type

export interface RenderedFile {
  /** Relative to the tree, `/` between segments. */
  readonly path: string
  readonly origin: "rendered" | "copied"
  /** Bytes. */
  readonly size: number
  /** Hexadecimal. */
  readonly sha256: string
  /** The file's path in the template; null for the answers file, which has none. */
  readonly source: string | null
}

export interface RenderResult {
  readonly files: ReadonlyArray<RenderedFile>
  /** The rendered prose below the front matter; null when the template has none. */
  readonly readmeBody: string | null
  readonly durationMillis: number
}

export const LintSeverity = Schema.Literal("error", "warning")

/** What a check of a template found, without using it. */
export const LintFinding = wireStruct({
  /** Relative to the linted folder. */
  file: Schema.String,
  /** 1-based; 0 when the finding is about the whole file. */
  line: Schema.Int,
  severity: LintSeverity,
  code: Schema.String,
  message: Schema.String,
})
export type LintFinding = typeof LintFinding.Type

/** Whether a template serves the request: its wire field and a remedy when it doesn't. */
export const modeProblem = (
  manifest: Manifest,
  kind: SessionKind,
  runKind: RunKind,
): { readonly field: string; readonly message: string } | null => {
  if (manifest.type !== kind) {
    return {
      field: "template_path",
      message: `template ${manifest.name} makes a ${manifest.type}, not a ${kind}`,
    }
  }
  const scope = manifest.runScope
  return kind === "run" && scope !== undefined && scope !== "both" && scope !== runKind
    ? { field: "run_kind", message: `template ${manifest.name} serves ${scope} runs only` }
    : null
}
