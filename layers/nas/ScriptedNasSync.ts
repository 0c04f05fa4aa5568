import { Context, Effect, Layer, Ref } from "effect"
import type { SyncTarget } from "../../src/domain/SyncJob.ts"
import { EnqueueRefused, NasSync } from "../../src/ports/NasSync.ts"

export type NasBehaviour = "accepts" | "refuses" | "hangs" | "crashes"

/** What a test sees and sets of the scripted sync. */
export class NasScript extends Context.Tag("exlab-wizard/testing/NasScript")<
  NasScript,
  {
    readonly behaviour: Ref.Ref<NasBehaviour>
    /** Accepted targets, oldest first. */
    readonly queued: Ref.Ref<ReadonlyArray<SyncTarget>>
  }
>() {}

const enqueue = ({ behaviour, queued }: NasScript["Type"], target: SyncTarget) =>
  Effect.flatMap(Ref.get(behaviour), (now): Effect.Effect<void, EnqueueRefused> => {
    switch (now) {
      case "accepts":
        return Ref.update(queued, (before) => [...before, target])
      case "refuses":
        return new EnqueueRefused({ path: target.path, reason: "the script says so" })
      case "hangs":
        return Effect.never
      case "crashes":
        return Effect.dieMessage("the script says so")
    }
  })

/** A sync that does what a test says, and remembers what it was given. */
export const layerTest = (behaviour: NasBehaviour = "accepts"): Layer.Layer<NasSync | NasScript> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const script = {
        behaviour: yield* Ref.make(behaviour),
        queued: yield* Ref.make<ReadonlyArray<SyncTarget>>([]),
      }
      return Context.make(NasScript, script).pipe(
        Context.add(NasSync, NasSync.of({ enqueue: (target) => enqueue(script, target) })),
      )
    }),
  )
