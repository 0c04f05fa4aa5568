import { Schema } from "effect"
import { Finding, findingKey, orderFindings } from "./Finding.ts"
import { wireStruct } from "./wire.ts"

const deltaFields = {
  added: Schema.Array(Finding),
  removed: Schema.Array(Finding),
  /** As they are now: the same findings, judged in another way. */
  changed: Schema.Array(Finding),
}

/** What makes one list of findings out of another. */
export const FindingsDelta = wireStruct(deltaFields)
export type FindingsDelta = typeof FindingsDelta.Type

const passFields = {
  /** When the pass began that found it; null before the first one is over. */
  at: Schema.NullOr(Schema.DateTimeUtc),
  /** Counts the passes since the start; 0 before the first one is over. */
  pass: Schema.Int,
}

/** Everything that is known of, sorted. */
export const ProblemsSnapshot = wireStruct({
  kind: Schema.Literal("snapshot"),
  ...passFields,
  findings: Schema.Array(Finding),
})
export type ProblemsSnapshot = typeof ProblemsSnapshot.Type

/** What has changed since the frame before. */
export const ProblemsDelta = wireStruct({ kind: Schema.Literal("delta"), ...passFields, ...deltaFields })
export type ProblemsDelta = typeof ProblemsDelta.Type

/** A frame of the stream of problems: a snapshot first, then deltas. */
export const ProblemsFrame = Schema.Union(ProblemsSnapshot, ProblemsDelta)
export type ProblemsFrame = typeof ProblemsFrame.Type

const isSame = (a: Finding, b: Finding): boolean =>
  a === b ||
  (a.tier === b.tier &&
    a.ruleDetail === b.ruleDetail &&
    a.offendingKind === b.offendingKind &&
    a.overrideActive === b.overrideActive &&
    a.syncedUnderPriorPolicy === b.syncedUnderPriorPolicy)

const byKey = (findings: ReadonlyArray<Finding>): ReadonlyMap<string, Finding> =>
  new Map(findings.map((finding) => [findingKey(finding), finding]))

/** What has changed between two lists, both of them sorted, with each finding once. */
export const diffFindings = (
  before: ReadonlyArray<Finding>,
  after: ReadonlyArray<Finding>,
): FindingsDelta => {
  const added: Array<Finding> = []
  const removed: Array<Finding> = []
  const changed: Array<Finding> = []
  for (let old = 0, now = 0; ;) {
    const was = before[old]
    const is = after[now]
    if (was === undefined && is === undefined) return { added, removed, changed }
    const order = was === undefined ? 1 : is === undefined ? -1 : was === is ? 0 : orderFindings(was, is)
    if (order <= 0) old += 1
    if (order >= 0) now += 1
    if (was !== undefined && order < 0) removed.push(was)
    if (is !== undefined && order > 0) added.push(is)
    if (was !== undefined && is !== undefined && order === 0 && !isSame(was, is)) changed.push(is)
  }
}

/** The list after a delta, sorted. */
export const applyDelta = (
  before: ReadonlyArray<Finding>,
  { added, changed, removed }: FindingsDelta,
): ReadonlyArray<Finding> => {
  const findings = new Map(byKey(before))
  for (const finding of removed) findings.delete(findingKey(finding))
  for (const finding of [...added, ...changed]) findings.set(findingKey(finding), finding)
  return [...findings.values()].sort(orderFindings)
}

export const isEmptyDelta = ({ added, changed, removed }: FindingsDelta): boolean =>
  added.length + changed.length + removed.length === 0

const nothing: FindingsDelta = { added: [], removed: [], changed: [] }

const chunksOf = (findings: ReadonlyArray<Finding>, most: number): ReadonlyArray<ReadonlyArray<Finding>> =>
  Array.from({ length: Math.ceil(findings.length / most) }, (_, n) =>
    findings.slice(n * most, (n + 1) * most),
  )

/** The same frame with at most so many findings in each: what doesn't fit into it follows in deltas. */
export const inPieces = (frame: ProblemsFrame, most: number): ReadonlyArray<ProblemsFrame> => {
  const { at, pass } = frame
  const delta = (part: Partial<FindingsDelta>): ProblemsFrame => ({
    kind: "delta",
    at,
    pass,
    ...nothing,
    ...part,
  })
  if (frame.kind === "snapshot") {
    const [first = [], ...others] = chunksOf(frame.findings, most)
    return [{ ...frame, findings: first }, ...others.map((added) => delta({ added }))]
  }
  const { added, changed, removed } = frame
  return added.length + changed.length + removed.length <= most
    ? [frame]
    : [
        ...chunksOf(removed, most).map((part) => delta({ removed: part })),
        ...chunksOf(changed, most).map((part) => delta({ changed: part })),
        ...chunksOf(added, most).map((part) => delta({ added: part })),
      ]
}
