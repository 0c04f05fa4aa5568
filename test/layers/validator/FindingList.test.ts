import { describe, expect, it } from "@effect/vitest"
import { type Finding, orderFindings, type Rule, tierOf } from "../../../src/domain/Finding.ts"
import * as FindingList from "../../../layers/validator/FindingList.ts"

const finding = (rule: Rule, path: string): Finding => ({
  rule,
  tier: tierOf[rule],
  runPath: "/run",
  offendingPath: path,
  offendingKind: "file_name",
  matchedToken: null,
  ruleDetail: "is wrong",
  syncedUnderPriorPolicy: false,
  overrideActive: false,
})

const many = (rule: Rule, count: number) =>
  Array.from({ length: count }, (_, n) => finding(rule, `/run/${n}`))

const listed = (findings: ReadonlyArray<Finding>) => {
  const list = FindingList.make()
  list.add(findings)
  return list.sorted()
}

describe("FindingList", () => {
  it("keeps each finding once, and a repetition is not one more", () => {
    const full = many("orphan", FindingList.maxFindingsPerRule)
    expect(listed([...full, ...full])).toEqual(full.toSorted(orderFindings))
  })

  it("says it when there is one more, and only for that rule", () => {
    const sorted = listed([
      ...many("orphan", FindingList.maxFindingsPerRule + 1),
      finding("unreadable_record", "/r"),
    ])
    expect(sorted.length).toBe(FindingList.maxFindingsPerRule + 1)
    expect(sorted.filter(({ ruleDetail }) => ruleDetail !== "is wrong")).toEqual([sorted.at(-1)])
    expect(sorted[0]?.rule).toBe("unreadable_record")
  })
})
