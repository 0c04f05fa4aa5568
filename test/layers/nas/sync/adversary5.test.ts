import * as fs from "node:fs"
import { join, relative } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Ref } from "effect"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { append, inRealWorlds, jobOf, makeProject, makeRunWith, recordOf, untilState } from "./world.ts"

describe("a directory that is changed and enqueued while its job ends", () => {
  it.scopedLive("is brought up to date", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        const armed = yield* Ref.make(false)
        const at = yield* Ref.make(Effect.void)
        // What was verified is written down after the last look at the files: of many, that takes seconds.
        const hooked = Layer.succeed(SyncLedger, {
          ...ledger,
          record: (jobId, time, files) =>
            Effect.zipRight(
              Effect.whenEffect(Effect.flatten(Ref.get(at)), Ref.getAndSet(armed, false)),
              ledger.record(jobId, time, files),
            ),
        })
        yield* Effect.gen(function* () {
          const { enqueue, initTarget } = yield* SyncService
          yield* initTarget("DEMO_01")
          yield* untilState(yield* makeProject, "verified")
          const run = yield* makeRunWith({ templatePath: "plain_run" })
          yield* untilState(run, "verified")
          yield* append(join(run, "notes.txt"), "first\n")
          yield* Ref.set(
            at,
            Effect.zipRight(
              append(join(run, "notes.txt"), "second\n"),
              Effect.asVoid(Effect.orDie(enqueue(run))),
            ),
          )
          yield* Ref.set(armed, true)
          yield* enqueue(run)
          const moment = yield* Effect.fork(Effect.sleep("6 seconds"))
          yield* Fiber.join(moment)
          const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run))
          const { state } = yield* jobOf(run)
          expect({
            state,
            record: recordOf(run)["sync_status"],
            same:
              fs.readFileSync(join(copy, "notes.txt"), "utf8") ===
              fs.readFileSync(join(run, "notes.txt"), "utf8"),
          }).toMatchObject({ same: true })
        }).pipe(Effect.provide(Layer.provide(start, hooked)))
      }),
    ),
  )
})
