import { expect, it } from "@effect/vitest"
import { blocking, rulesAndPlaces } from "../../src/domain/blocking.ts"
import { type Finding, type Rule, tierOf } from "../../src/domain/Finding.ts"
import { SyncBlocked } from "../../src/domain/SyncErrors.ts"

const run = "/data/local/SCOPE_01/PROJ-0042/Runs/Run_2026-04-17T14-32-00"

const finding = (rule: Rule, offendingPath: string, over: Partial<Finding> = {}): Finding => ({
  rule,
  tier: tierOf[rule],
  runPath: run,
  offendingPath,
  offendingKind: "file_name",
  matchedToken: null,
  ruleDetail: "",
  syncedUnderPriorPolicy: false,
  overrideActive: false,
  ...over,
})

it("what blocks is hard, and not overridden", () => {
  const hard = finding("leftover_jinja_marker", `${run}/a`)
  expect(blocking([hard, { ...hard, overrideActive: true }, finding("orphan", run)])).toEqual([hard])
})

it("a refusal names rules and files, each once, and of many the first", () => {
  const findings = [
    finding("unresolved_placeholder_token", `${run}/protocol.txt`, { line: 1 }),
    finding("unresolved_placeholder_token", `${run}/protocol.txt`, { line: 2 }),
    finding("illegal_filesystem_character", `${run}/raw/a:b`),
  ]
  expect(rulesAndPlaces(findings)).toBe(
    "unresolved_placeholder_token, illegal_filesystem_character in protocol.txt, raw/a:b",
  )
  expect(rulesAndPlaces([finding("mode_prefix_mismatch", run)])).toBe("mode_prefix_mismatch in its own name")
  const many = Array.from({ length: 10_000 }, (_, n) =>
    finding("illegal_filesystem_character", `${run}/${`${"🔬".repeat(60)}:/`.repeat(30)}${n}:`),
  )
  const { message } = new SyncBlocked({ path: run, findings: many })
  expect(message).toContain(" and 9995 more): mend or override them, then revalidate")
  expect(message.length).toBeLessThan(1500)
  expect(Buffer.from(message).toString()).toBe(message)
})
