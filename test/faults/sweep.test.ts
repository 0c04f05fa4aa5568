import { afterAll, expect, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { scenarios } from "./creation.ts"
import { disturbances } from "./disturbances.ts"
import { sweep } from "./sweep.ts"

const told: Array<string> = []

for (const scenario of scenarios) {
  it.scopedLive(
    `${scenario.name}: whole or absent, whatever happens at whichever operation`,
    () =>
      Effect.gen(function* () {
        const { operations, problems, tried } = yield* sweep(scenario)
        told.push(
          `${scenario.name}: ${operations} operations × ${disturbances.length} disturbances = ${tried} tries`,
        )
        expect(problems).toEqual([])
        expect(tried).toBeGreaterThan(500)
      }).pipe(Effect.provide(Layer.merge(NodeDisk.layer, Logger.remove(Logger.defaultLogger)))),
    120_000,
  )
}

afterAll(() => void process.stdout.write(`${told.join("\n")}\n`))
