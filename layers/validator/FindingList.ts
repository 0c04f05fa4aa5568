import { type Finding, orderFindings, type Rule } from "../../src/domain/Finding.ts"

/** More findings of one rule about one directory are not listed; the last one listed says so. */
export const maxFindingsPerRule = 1000

interface Bucket {
  readonly kept: Map<string, Finding>
  hasMore: boolean
}

const identity = ({ offendingPath, line, keyPath, matchedToken }: Finding): string =>
  JSON.stringify([offendingPath, line, keyPath, matchedToken])

const sayingSo = (finding: Finding): Finding => ({
  ...finding,
  ruleDetail: `${finding.ruleDetail}; more findings of this rule are not listed`,
})

const listed = ({ kept, hasMore }: Bucket): ReadonlyArray<Finding> =>
  [...kept.values()]
    .toSorted(orderFindings)
    .map((finding, index, all) => (hasMore && index === all.length - 1 ? sayingSo(finding) : finding))

export interface FindingList {
  readonly add: (findings: ReadonlyArray<Finding>) => void
  readonly sorted: () => ReadonlyArray<Finding>
}

/**
 * Gathers the findings about one directory: each once, and of each rule a bounded number, so that no rule
 * hides another. Which ones are kept depends on the order in which they come.
 */
export const make = (): FindingList => {
  const buckets = new Map<Rule, Bucket>()
  const bucketOf = (rule: Rule): Bucket => {
    const bucket = buckets.get(rule) ?? { kept: new Map<string, Finding>(), hasMore: false }
    buckets.set(rule, bucket)
    return bucket
  }
  const addOne = (finding: Finding): void => {
    const bucket = bucketOf(finding.rule)
    const key = identity(finding)
    if (bucket.kept.has(key)) return
    if (bucket.kept.size < maxFindingsPerRule) bucket.kept.set(key, finding)
    else bucket.hasMore = true
  }
  return {
    add: (findings) => findings.forEach(addOne),
    sorted: () => [...buckets.values()].flatMap(listed).toSorted(orderFindings),
  }
}
