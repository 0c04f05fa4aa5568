import { expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { tryTier } from "../../../../layers/plugins/isolation/canary.ts"
import { look } from "../../../../layers/plugins/isolation/Machine.ts"
import { escapes } from "../../../../layers/plugins/isolation/promises.ts"
import { disk } from "../process/support.ts"

it.live(
  "without isolation every escape comes through: what is stopped elsewhere is stopped by the tier",
  () =>
    Effect.gen(function* () {
      expect(yield* tryTier(yield* look([]), "none")).toEqual(Either.right(Object.keys(escapes)))
    }).pipe(Effect.provide(disk)),
)
