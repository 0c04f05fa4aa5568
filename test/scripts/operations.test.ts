import { expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import {
  ownWord,
  planOf,
  type PlannedOperation,
  type RecordedOperation,
} from "../../scripts/benchmarks/operations.ts"

const operation = (begun: number, ended: number, ...paths: ReadonlyArray<string>): RecordedOperation => ({
  name: "flush",
  paths,
  bytes: 0,
  flush: false,
  failed: false,
  begun,
  ended,
})

/** Operations that overlap in any way, as one count of their beginnings and ends tells. */
const recordings = FastCheck.array(FastCheck.tuple(FastCheck.nat(), FastCheck.nat()), { maxLength: 12 }).map(
  (spans) => {
    const marks = spans
      .flatMap(([a, b], index) => [
        { index, at: Math.min(a, b) },
        { index, at: Math.max(a, b) + 0.5 },
      ])
      .sort((a, b) => a.at - b.at)
    return spans.map((_, index) =>
      operation(
        marks.findIndex((mark) => mark.index === index),
        marks.findLastIndex((mark) => mark.index === index),
        `/${index}`,
      ),
    )
  },
)

/** Every operation that must be over before the one at `index` begins, also by way of others. */
const allBefore = (plan: ReadonlyArray<PlannedOperation>, index: number): ReadonlySet<number> =>
  new Set(plan[index]!.after.flatMap((before) => [before, ...allBefore(plan, before)]))

it.prop(
  "a plan keeps who came after whom, and who was under way at the same time",
  [recordings],
  ([recorded]) => {
    const inOrder = recorded.toSorted((a, b) => a.begun - b.begun)
    const plan = planOf(recorded, "leaf")
    expect(plan.map(({ paths }) => paths)).toEqual(inOrder.map(({ paths }) => paths))
    for (const [index, { begun }] of inOrder.entries()) {
      const before = inOrder.flatMap(({ ended }, other) => (ended < begun ? [other] : []))
      expect([...allBefore(plan, index)].sort((a, b) => a - b)).toEqual(before)
    }
  },
)

it("a plan waits for as few operations as it can", () => {
  const plan = planOf([operation(0, 1), operation(2, 5), operation(3, 4), operation(6, 7)], "leaf")
  expect(plan.map(({ after }) => after)).toEqual([[], [0], [0], [1, 2]])
})

it("names that belong to one creation give way to those of each replay", () => {
  const folder = "/data/Runs/.exlab-wizard/staging"
  const [moved] = planOf(
    [operation(0, 1, `${folder}/.claim-ab12-7/tree`, "/data/Runs/Run_1/README.md")],
    "Run_1",
  )
  expect(moved?.paths).toEqual([`${folder}/.claim-${ownWord}/tree`, `/data/Runs/${ownWord}/README.md`])
})
