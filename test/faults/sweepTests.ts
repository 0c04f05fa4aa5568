import { expect, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import type { Scope } from "effect/Scope"
import type { Problems } from "./verdict.ts"

interface Swept {
  readonly problems: Problems
  readonly tried: number
}

/** Busy machines are slow. */
const patience = 180_000

/** A test that nothing goes wrong in a sweep; it says how many tries that were. */
export const testSweep = <E>(name: string, atLeast: number, sweep: Effect.Effect<Swept, E, Disk | Scope>) =>
  it.scopedLive(
    name,
    () =>
      Effect.gen(function* () {
        const { problems, tried } = yield* sweep
        process.stdout.write(`${name}: ${tried} tries\n`)
        expect(problems).toEqual([])
        expect(tried).toBeGreaterThan(atLeast)
      }).pipe(Effect.provide(Layer.merge(NodeDisk.layer, Logger.remove(Logger.defaultLogger)))),
    patience,
  )
