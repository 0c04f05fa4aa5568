import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { adapters } from "../../../../../layers/Embedded.ts"
import { SyncService } from "../../../../../src/ports/SyncService.ts"
import { killSettings } from "../killSettings.ts"

/** Copies what is pending below a root, until it is killed; says when it begins, and when nothing is left to do. */
const [root = ""] = process.argv.slice(2)

const say = (word: string) => Effect.sync(() => process.send?.(word))

const program = Effect.gen(function* () {
  const { initTarget, jobs, standing } = yield* SyncService
  yield* initTarget("DEMO_01")
  yield* say("ready")
  const isOver = Effect.gen(function* () {
    const { counts } = yield* standing
    const open = yield* jobs({ states: ["waiting_for_data", "queued", "running", "awaiting_verify"] })
    return open.length === 0 && counts.verified + counts.failed > 0
  })
  for (let n = 0; ; n += 1) {
    if (yield* isOver) yield* say(`over ${n}`)
    yield* Effect.sleep("50 millis")
  }
})

NodeRuntime.runMain(Effect.provide(program, Layer.orDie(adapters(killSettings(root)))))
