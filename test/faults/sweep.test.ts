import { afterAll, expect, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { sweepCancel } from "./cancelling.ts"
import { scenarios } from "./creation.ts"
import { disturbances } from "./disturbances.ts"
import { sweep } from "./sweep.ts"

const quietDisk = Layer.merge(NodeDisk.layer, Logger.remove(Logger.defaultLogger))

const told: Array<string> = []

for (const scenario of scenarios) {
  it.scopedLive(
    `${scenario.name}: whole or absent, whatever happens at whichever operation`,
    () =>
      Effect.gen(function* () {
        const { operations, problems, tried } = yield* sweep(scenario, disturbances)
        told.push(
          `${scenario.name}: ${operations} operations × ${disturbances.length} disturbances = ${tried} tries`,
        )
        expect(problems).toEqual([])
        expect(tried).toBeGreaterThan(500)
      }).pipe(Effect.provide(quietDisk)),
    120_000,
  )
}

it.scopedLive("a broken adapter fails a session at most: never one whose directory is published", () =>
  Effect.gen(function* () {
    const { problems, tried } = yield* sweep(scenarios[0], ["breaks"])
    told.push(`a broken adapter: ${tried} tries`)
    expect(problems).toEqual([])
  }).pipe(Effect.provide(quietDisk)),
)

it.scopedLive("the clean-up of a cancelled session: what fails is told, and goes with the next start", () =>
  Effect.gen(function* () {
    const [scenario] = scenarios.filter(({ name }) => name.includes("asks"))
    if (scenario === undefined) return yield* Effect.dieMessage("no scenario asks")
    const { problems, tried } = yield* sweepCancel(scenario)
    told.push(`the clean-up of a cancelled session: ${tried} tries`)
    expect(problems).toEqual([])
    expect(tried).toBeGreaterThan(50)
  }).pipe(Effect.provide(quietDisk)),
)

afterAll(() => void process.stdout.write(`${told.join("\n")}\n`))
