import type { DiskError } from "../../src/domain/Errors.ts"
import { type Destination, joinPath, leafName, segmentsOf } from "../../src/domain/Destination.ts"
import { type Finding, type OffendingKind, type Rule, tierOf } from "../../src/domain/Finding.ts"
import { modeMismatch } from "../../src/domain/ModeRule.ts"
import { nameProblems, printable } from "../../src/domain/NameRules.ts"
import { fileProblems } from "./fileProblems.ts"

interface Problem {
  readonly rule: Rule
  readonly token: string | null
  /** What is wrong, as the rest of a sentence. */
  readonly detail: string
  readonly line?: number
  readonly keyPath?: string
}

const toFinding = (
  runPath: string,
  offendingPath: string,
  offendingKind: OffendingKind,
  { rule, token, detail, line, keyPath }: Problem,
): Finding => ({
  rule,
  tier: tierOf[rule],
  runPath: printable(runPath),
  offendingPath: printable(offendingPath),
  offendingKind,
  matchedToken: token,
  ruleDetail: `${JSON.stringify(printable(leafName(offendingPath)))} ${detail}`,
  syncedUnderPriorPolicy: false,
  overrideActive: false,
  ...(line === undefined ? {} : { line }),
  ...(keyPath === undefined ? {} : { keyPath }),
})

/** What the rules for paths say about the last name of a path. */
export const nameFindings = (
  runPath: string,
  path: string,
  kind: "directory_segment" | "file_name",
): ReadonlyArray<Finding> =>
  nameProblems(leafName(path)).map((problem) => toFinding(runPath, path, kind, problem))

/** What the rules for contents say about a file that is to be scanned. */
export const contentFindings = (runPath: string, path: string, content: Uint8Array): ReadonlyArray<Finding> =>
  fileProblems(leafName(path), content).map((problem) => toFinding(runPath, path, "file_content", problem))

/** Nobody can vouch for what can't be read. */
export const unreadableFinding = (
  runPath: string,
  { errno, op, path }: DiskError,
  kind: OffendingKind,
): Finding =>
  toFinding(runPath, path, kind, {
    rule: "unreadable_record",
    token: null,
    detail: `can't be read (${op}: ${errno}), so nobody can say what it holds`,
  })

const modeFindings = (
  { level, parent, leaf, path, runKind }: Destination,
  isKindKnown: boolean,
): ReadonlyArray<Finding> => {
  const place = { folder: leafName(parent), leaf, runKind: isKindKnown ? runKind : null }
  const detail = level === "run" ? modeMismatch(place) : null
  const problem = { rule: "mode_prefix_mismatch", token: leaf, detail: detail ?? "" } as const
  return detail === null ? [] : [toFinding(path, path, "directory_segment", problem)]
}

/** What the rules say about where a directory is to stand; what is above the local root is the operator's. */
export const destinationFindings = (destination: Destination, isKindKnown = true): ReadonlyArray<Finding> => [
  ...segmentsOf(destination).flatMap((_, index, segments) => {
    const path = joinPath(destination.localRoot, ...segments.slice(0, index + 1))
    return nameFindings(destination.path, path, "directory_segment")
  }),
  ...modeFindings(destination, isKindKnown),
]
