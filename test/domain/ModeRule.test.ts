import { describe, expect, it } from "@effect/vitest"
import type { RunKind } from "../../src/domain/CreateRequest.ts"
import { modeMismatch } from "../../src/domain/ModeRule.ts"

const kinds: ReadonlyArray<RunKind> = ["experimental", "test"]
const folders = { experimental: "Runs", test: "TestRuns", none: "Archive" }
const leaves = { experimental: "Run_2026", test: "TestRun_2026", none: "run_2026" }

describe("mode_prefix_mismatch", () => {
  for (const runKind of kinds)
    for (const [byFolder, folder] of Object.entries(folders))
      for (const [byLeaf, leaf] of Object.entries(leaves)) {
        const agree = byFolder === runKind && byLeaf === runKind
        it(`${folder}/${leaf} as ${runKind}: ${agree ? "agree" : "disagree"}`, () => {
          expect(modeMismatch({ folder, leaf, runKind }) === null).toBe(agree)
        })
      }

  for (const [byFolder, folder] of Object.entries(folders))
    for (const [byLeaf, leaf] of Object.entries(leaves)) {
      const agree = byFolder === byLeaf && byFolder !== "none"
      it(`${folder}/${leaf} without a record: ${agree ? "agree" : "disagree"}`, () => {
        const detail = modeMismatch({ folder, leaf, runKind: null })
        expect(detail === null).toBe(agree)
        expect(detail ?? "").not.toContain("of the kind")
      })
    }

  it("says what each of the three says", () => {
    expect(modeMismatch({ folder: "Runs", leaf: "TestRun_1", runKind: "experimental" })).toBe(
      "is in Runs (experimental), begins like test, and is of the kind experimental",
    )
  })
})
