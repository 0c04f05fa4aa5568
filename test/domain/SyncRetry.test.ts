import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { afterFailure } from "../../src/domain/SyncRetry.ts"

const minute = 60_000

describe("what follows a failed sync", () => {
  it.each([
    [1, 30_000],
    [2, 2 * minute],
    [3, 8 * minute],
    [4, 30 * minute],
    [5, 120 * minute],
    [6, 120 * minute],
    [500, 120 * minute],
  ])("transient, for the %ith time: a pause of up to %i ms", (attempt, longest) => {
    const next = afterFailure("transient", attempt, 0.5)
    expect(next).toEqual({ _tag: "TryAgain", inMillis: longest / 2, countsAsAttempt: true })
  })

  it.effect.prop(
    "chance spreads the tries over the whole pause",
    {
      attempt: fc.integer({ min: 1, max: 9 }),
      chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    },
    ({ attempt, chance }) =>
      Effect.sync(() => {
        const next = afterFailure("transient", attempt, chance)
        const most = afterFailure("transient", attempt, 1 - Number.EPSILON)
        if (next._tag !== "TryAgain" || most._tag !== "TryAgain") throw new Error(next._tag)
        expect(next.inMillis).toBeGreaterThanOrEqual(0)
        expect(next.inMillis).toBeLessThanOrEqual(most.inMillis)
      }),
  )

  it("files that change are waited for and count no attempt; targets are paused; the rest needs a person", () => {
    expect(afterFailure("source_changed", 3, 0.9)).toEqual({
      _tag: "TryAgain",
      inMillis: 30_000,
      countsAsAttempt: false,
    })
    expect(afterFailure("target_away", 1, 0)).toEqual({ _tag: "PauseTarget", forMillis: minute })
    expect(afterFailure("target_full", 1, 0)).toEqual({ _tag: "PauseTarget", forMillis: minute })
    expect(afterFailure("permanent", 1, 0)).toEqual({ _tag: "GiveUp" })
  })
})
