import { Schema } from "effect"
import { wireStruct } from "./wire.ts"

export const Rule = Schema.Literal(
  "unresolved_placeholder_token",
  "leftover_jinja_marker",
  "illegal_filesystem_character",
  "reserved_filesystem_name",
  "mode_prefix_mismatch",
  "orphan",
  "missing_required_field",
  "malformed_yaml_front_matter",
  "interrupted_creation",
  "unreadable_record",
  "unsafe_project_name",
  "unregistered_equipment",
  "nas_sync_failed",
)
export type Rule = typeof Rule.Type

export const Tier = Schema.Literal("hard", "soft")
export type Tier = typeof Tier.Type

/** Hard findings keep a directory from being synced until they are mended or overridden. */
export const tierOf: Record<Rule, Tier> = {
  unresolved_placeholder_token: "hard",
  leftover_jinja_marker: "hard",
  illegal_filesystem_character: "hard",
  reserved_filesystem_name: "hard",
  mode_prefix_mismatch: "hard",
  orphan: "soft",
  missing_required_field: "soft",
  malformed_yaml_front_matter: "soft",
  interrupted_creation: "soft",
  unreadable_record: "hard",
  unsafe_project_name: "soft",
  unregistered_equipment: "soft",
  nas_sync_failed: "soft",
}

/** Why a rule can't be overruled: what it finds has no record that would keep an override. */
export const neverOverridden: Partial<Record<Rule, string>> = {
  orphan: "a directory without creation.json has nothing to keep an override in: give it one",
  interrupted_creation: "what a session left is no directory's: the next start clears it",
  unregistered_equipment: "equipment has no creation.json to keep an override in: name it in the settings",
}

/** Rules that hold for directories with a record, and that people may overrule for one. */
export const overridableRules: ReadonlyArray<Rule> = Rule.literals.filter(
  (rule) => !(rule in neverOverridden),
)

export const OffendingKind = Schema.Literal("directory_segment", "file_name", "file_content")
export type OffendingKind = typeof OffendingKind.Type

export const Finding = wireStruct({
  rule: Rule,
  tier: Tier,
  /** Absolute path of the project or run that the finding is about. */
  runPath: Schema.String,
  /** Absolute path of what breaks the rule. */
  offendingPath: Schema.String,
  offendingKind: OffendingKind,
  matchedToken: Schema.NullOr(Schema.String),
  ruleDetail: Schema.String,
  syncedUnderPriorPolicy: Schema.Boolean,
  overrideActive: Schema.Boolean,
  /** 1-based; content findings only. */
  line: Schema.optionalWith(Schema.Int, { exact: true }),
  /** Where in the front matter, e.g. `template_fields.sample`; front matter findings only. */
  keyPath: Schema.optionalWith(Schema.String, { exact: true }),
})
export type Finding = typeof Finding.Type

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

/** Hard first, then path, then rule; what is left is told apart by line, token and directory, so that the order is total. */
export const orderFindings = (a: Finding, b: Finding): number =>
  compare(a.tier === "hard" ? 0 : 1, b.tier === "hard" ? 0 : 1) ||
  compare(a.offendingPath, b.offendingPath) ||
  compare(a.rule, b.rule) ||
  compare(a.line ?? 0, b.line ?? 0) ||
  compare(a.keyPath ?? "", b.keyPath ?? "") ||
  compare(a.matchedToken ?? "", b.matchedToken ?? "") ||
  compare(a.runPath, b.runPath)

/** What makes it the same finding another time: all but how it is judged. */
export const findingKey = ({ keyPath, line, matchedToken, offendingPath, rule, runPath }: Finding): string =>
  JSON.stringify([rule, runPath, offendingPath, line, keyPath, matchedToken])

/** Whether these findings keep a directory from being synced. */
export const blocksSync = (findings: ReadonlyArray<Finding>): boolean =>
  findings.some((finding) => finding.tier === "hard" && !finding.overrideActive)
