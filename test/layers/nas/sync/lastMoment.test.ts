import * as fs from "node:fs"
import { join, relative } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { until } from "../../../support/world.ts"
import { append, inRealWorlds, jobOf, makeProject, makeRunWith, untilState } from "./world.ts"

describe("a directory that is changed and enqueued while its job ends", () => {
  it.scopedLive("is brought up to date", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        const atLast = yield* Ref.make<Effect.Effect<void>>(Effect.void)
        // What was verified is written down after the last look at the files.
        const hooked = Layer.succeed(SyncLedger, {
          ...ledger,
          record: (...args) =>
            Effect.zipRight(Effect.flatten(Ref.getAndSet(atLast, Effect.void)), ledger.record(...args)),
        })
        yield* Effect.gen(function* () {
          const { enqueue, history, initTarget } = yield* SyncService
          yield* initTarget("DEMO_01")
          yield* untilState(yield* makeProject, "verified")
          const run = yield* makeRunWith({ templatePath: "plain_run" })
          yield* untilState(run, "verified")
          const notes = join(run, "notes.txt")
          yield* append(notes, "first\n")
          yield* Ref.set(
            atLast,
            Effect.zipRight(append(notes, "second\n"), Effect.asVoid(Effect.orDie(enqueue(run)))),
          )
          const { id } = yield* enqueue(run)
          yield* until(
            "verified three times",
            Effect.map(history(id), (all) => all.filter(({ to }) => to === "verified").length === 3),
          )
          const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run), "notes.txt")
          expect(fs.readFileSync(copy, "utf8")).toBe(fs.readFileSync(notes, "utf8"))
          expect((yield* jobOf(run)).state).toBe("verified")
        }).pipe(Effect.provide(Layer.provide(start, hooked)))
      }),
    ),
  )
})
