import type { LintSeverity } from "../../src/domain/Template.ts"

/** What can be wrong with a template. `docs/templates.md` says what each means. */
export const problemCodes = [
  "core_field_redeclared",
  "default_invalid",
  "exclude_invalid",
  "field_invalid",
  "file_unreadable",
  "helper_misused",
  "limit_exceeded",
  "manifest_invalid",
  "manifest_missing",
  "manifest_syntax",
  "name_collision",
  "name_mismatch",
  "name_unsafe",
  "no_template",
  "partial_unused",
  "pattern_slow",
  "plugin_repeated",
  "question_invalid",
  "readme_body_missing",
  "reserved_name",
  "run_scope_missing",
  "run_scope_unexpected",
  "stray_file",
  "symlink_refused",
  "syntax",
  "unknown_helper",
  "unknown_key",
  "unknown_partial",
  "unknown_variable",
  "unsupported_syntax",
  "variable_misused",
] as const
export type ProblemCode = (typeof problemCodes)[number]

/** One thing that is wrong in one place of a template. */
export interface Problem {
  readonly code: ProblemCode
  readonly severity: typeof LintSeverity.Type
  /** Relative to the template; empty for the template as a whole. */
  readonly file: string
  /** 1-based; 0 when it is about the whole file. */
  readonly line: number
  readonly message: string
}

export const problem = (code: ProblemCode, file: string, line: number, message: string): Problem => ({
  code,
  severity: "error",
  file,
  line,
  message,
})

export const warning = (code: ProblemCode, file: string, line: number, message: string): Problem => ({
  ...problem(code, file, line, message),
  severity: "warning",
})

/** `file:line message`, as a person reads it. */
export const sentence = ({ file, line, message }: Problem): string =>
  [file === "" ? "" : `${file}${line === 0 ? "" : `:${line}`} `, message].join("")

/** As many as an error message takes. */
const maxSentences = 50

export const sentences = (problems: ReadonlyArray<Problem>): ReadonlyArray<string> =>
  problems.length <= maxSentences
    ? problems.map(sentence)
    : [...problems.slice(0, maxSentences).map(sentence), `and ${problems.length - maxSentences} more`]

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

export const byPlace = (a: Problem, b: Problem): number =>
  compare(a.file, b.file) ||
  compare(a.line, b.line) ||
  compare(a.code, b.code) ||
  compare(a.message, b.message)
