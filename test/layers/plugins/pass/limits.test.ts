import { expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { transformLimits } from "../../../../layers/plugins/pass/limits.ts"

it.effect.prop(
  "the clock comes before the limit of CPU time, whatever a manifest asks for and however late the host looks",
  {
    timeoutSeconds: fc.double({ min: 0.001, max: 300, noNaN: true }),
    memoryMb: fc.nat(),
    network: fc.boolean(),
  },
  (isolation) =>
    Effect.sync(() => {
      const limits = transformLimits(isolation)
      expect(limits).toMatchObject(isolation)
      expect(limits.cpuSeconds).toBeGreaterThanOrEqual(2 * isolation.timeoutSeconds + 5)
    }),
)
