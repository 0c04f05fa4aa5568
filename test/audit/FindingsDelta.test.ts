import { expect, it } from "@effect/vitest"
import { FastCheck as FC } from "effect"
import { type Finding, findingKey, orderFindings, Rule, tierOf } from "../../src/domain/Finding.ts"
import { applyDelta, diffFindings, isEmptyDelta } from "../../src/domain/FindingsDelta.ts"

const finding: FC.Arbitrary<Finding> = FC.record({
  rule: FC.constantFrom(...Rule.literals),
  path: FC.constantFrom("/a", "/a/b", "/b"),
  token: FC.constantFrom(null, "x", "y"),
  line: FC.constantFrom(undefined, 1, 2, 10),
  keyPath: FC.constantFrom(undefined, "k"),
  isOverridden: FC.boolean(),
  detail: FC.constantFrom("is wrong", "is very wrong"),
}).map(({ detail, isOverridden, keyPath, line, path, rule, token }) => ({
  rule,
  tier: tierOf[rule],
  runPath: path.slice(0, 2),
  offendingPath: path,
  offendingKind: "file_name",
  matchedToken: token,
  ruleDetail: detail,
  syncedUnderPriorPolicy: false,
  overrideActive: isOverridden,
  ...(line === undefined ? {} : { line }),
  ...(keyPath === undefined ? {} : { keyPath }),
}))

/** Sorted, each once. */
const list = FC.uniqueArray(finding, { selector: findingKey, maxLength: 40 }).map((all) =>
  all.sort(orderFindings),
)

it.prop("a list and what has changed make the next list", [list, list], ([before, after]) => {
  const delta = diffFindings(before, after)
  expect(applyDelta(before, delta)).toEqual(after)
  const keys = (findings: ReadonlyArray<Finding>) => new Set(findings.map(findingKey))
  const [old, now] = [keys(before), keys(after)]
  expect(keys(delta.added)).toEqual(new Set([...now].filter((key) => !old.has(key))))
  expect(keys(delta.removed)).toEqual(new Set([...old].filter((key) => !now.has(key))))
  expect(delta.changed.every((one) => old.has(findingKey(one)) && after.includes(one))).toBe(true)
  expect(
    isEmptyDelta(
      diffFindings(
        after,
        after.map((one) => ({ ...one })),
      ),
    ),
  ).toBe(true)
})
