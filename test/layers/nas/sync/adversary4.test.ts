import * as fs from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Ref } from "effect"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { CreationWriter } from "../../../../src/ports/CreationWriter.ts"
import { inRealWorlds, jobOf, makeProject, makeRunWith, recordOf, untilState } from "./world.ts"

describe("an enqueueing at the moment at which a run is cleaned up", () => {
  it.scopedLive("doesn't have the record of a cleaned run say that it is pending", () =>
    inRealWorlds({}, (_, start) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const writer = yield* CreationWriter
        const run = yield* Effect.gen(function* () {
          yield* Effect.flatMap(SyncService, ({ initTarget }) => initTarget("DEMO_01"))
          yield* untilState(yield* makeProject, "verified")
          const run = yield* makeRunWith({ templatePath: "plain_run" })
          yield* untilState(run, "verified")
          return run
        }).pipe(Effect.provide(start))
        const { id } = Option.getOrThrow(yield* queue.find(run))
        const armed = yield* Ref.make(false)
        // As `finish` ends a clean-up.
        const cleaned = Effect.scoped(
          Effect.gen(function* () {
            const claim = Option.getOrThrow(yield* queue.claimJob(id, ["verified"]))
            const eligible = yield* queue.move(claim, "cleanup_eligible")
            yield* writer.update(run, () => ({ syncStatus: "cleaned" }))
            yield* queue.release(eligible, "cleaned")
          }),
        )
        const hooked = Layer.succeed(SyncQueue, {
          ...queue,
          find: (path: string) =>
            Effect.zipLeft(
              queue.find(path),
              path === run
                ? Effect.whenEffect(Effect.orDie(cleaned), Ref.getAndSet(armed, false))
                : Effect.void,
            ),
        })
        yield* Effect.gen(function* () {
          const { enqueue } = yield* SyncService
          // The look around after the start is over.
          yield* Effect.sleep("2 seconds")
          yield* Ref.set(armed, true)
          yield* Effect.either(enqueue(run))
          const { state } = yield* jobOf(run)
          expect({ state, record: recordOf(run)["sync_status"] }).toEqual({
            state: "cleaned",
            record: "cleaned",
          })
        }).pipe(Effect.provide(Layer.provide(start, hooked)))
        expect(fs.existsSync(join(run, ".exlab-wizard"))).toBe(true)
      }),
    ),
  )
})
