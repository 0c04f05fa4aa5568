import type { Finding } from "../domain/Finding.ts"

/** What the document of the contract shows of problems: a placeholder in a run's notes. */

const path = "/data/lab/CONFOCAL_01/PROJ-0042/Runs/Run_2026-03-14T10-26-53"

const finding: Finding = {
  rule: "unresolved_placeholder_token",
  tier: "hard",
  runPath: path,
  offendingPath: `${path}/notes.md`,
  offendingKind: "file_content",
  matchedToken: "<sample_id>",
  ruleDetail: '"notes.md" still holds the placeholder <sample_id>',
  syncedUnderPriorPolicy: false,
  overrideActive: false,
  line: 3,
}

const standing = { pass: 12, directories: 4214, examined: 3, counts: { hard: 1, soft: 0 }, problem: null }

export const page = { at: null, ...standing, total: 1, findings: [finding], nextCursor: null }

export const refresh = { full: true }

export const refreshed = { at: null, ...standing }

const frames = [
  ["snapshot", { kind: "snapshot", at: "2026-03-14T09:27:10.000Z", pass: 12, findings: [] }],
  ["delta", { kind: "delta", at: "2026-03-14T09:27:40.000Z", pass: 13, added: [], removed: [], changed: [] }],
] as const

export const events = frames
  .map(([kind, data]) => `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`)
  .join("")
