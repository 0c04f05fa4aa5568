import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { compare, median, rounded } from "../../scripts/benchmarks/figures.ts"

const cost = (millis: number) => ({ millis, cpuMillis: millis / 2 })

it("the middle of an odd number, between the middle two of an even one, whatever the order", () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([9, 1, 5, 2])).toBe(3.5)
  expect(median([10, 9, 100])).toBe(10)
})

it("three digits, of large and of small figures", () => {
  expect([123456, 0.0123456, 7].map(rounded)).toEqual([123000, 0.0123, 7])
})

it.effect("both take turns, and the ratio is one of neighbours", () =>
  Effect.gen(function* () {
    const turns: Array<string> = []
    const turn = (name: string, costs: Array<number>) =>
      Effect.sync(() => {
        turns.push(name)
        return cost(costs.shift()!)
      })
    const figures = yield* compare({
      subject: turn("subject", [2, 20, 6]),
      baseline: turn("baseline", [1, 10, 2]),
      rounds: 3,
      within: "1 minute",
    })
    expect(turns.join(" ")).toBe("subject baseline subject baseline subject baseline")
    expect(figures).toMatchObject({
      rounds: 3,
      ratio: { median: 2, lowest: 2, highest: 3 },
      subject_ms: { median: 6 },
      baseline_ms: { median: 2 },
      subject_cpu_ms: { median: 3 },
    })
  }),
)

it.effect("no round begins when the time is over", () =>
  Effect.gen(function* () {
    const slow = Effect.as(
      Effect.promise(() => Promise.resolve()),
      cost(1),
    )
    const figures = yield* compare({ subject: slow, baseline: slow, rounds: 100, within: 0 })
    expect(figures.rounds).toBe(1)
  }),
)
