import { Context, Effect, Fiber, Layer } from "effect"
import type { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { clearAbandoned, type ClearingReport } from "./abandoned.ts"

const log = ({ cleared, problems }: ClearingReport): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (cleared.length > 0) yield* Effect.logInfo("removed what dead sessions had left", cleared)
    for (const problem of problems) {
      yield* Effect.logWarning(
        "what dead sessions left could not be removed; the next start tries again",
        problem,
      )
    }
  })

/** The clearing after a start: it runs in the background, and nothing waits for it but who asks. */
export class AbandonedAreas extends Context.Tag("exlab-wizard/AbandonedAreas")<
  AbandonedAreas,
  {
    /** What was done, when it is over. */
    readonly cleared: Effect.Effect<ClearingReport>
  }
>() {
  static readonly layer: Layer.Layer<AbandonedAreas, never, Disk | Settings> = Layer.scoped(
    AbandonedAreas,
    Effect.gen(function* () {
      const { orchestrator, paths } = yield* Settings
      const clearing = Effect.tap(clearAbandoned(paths.localRoot, orchestrator.host), log)
      const fiber = yield* Effect.forkScoped(Effect.withSpan(clearing, "AbandonedAreas.clear"))
      return { cleared: Fiber.join(fiber) }
    }),
  )
}
