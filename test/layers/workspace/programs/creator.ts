import { NodeRuntime } from "@effect/platform-node"
import { Effect, type Either, Queue } from "effect"
import { AbandonedAreas } from "../../../../layers/workspace/AbandonedAreas.ts"
import type { DestinationExists, DiskError, LockTimeout } from "../../../../src/domain/Errors.ts"
import { type Staging, Workspace } from "../../../../src/ports/Workspace.ts"
import { fill, quiet, run, service, session } from "../support.ts"

/** Does with a run below the root what it is told to, a word at a time, and answers each with a word. */
const [root = ""] = process.argv.slice(2)

type Failure = DestinationExists | DiskError | LockTimeout

const obey = (word: unknown, staging: Staging | null): Effect.Effect<Staging, Failure, Workspace> =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    if (word === "claim") return yield* workspace.claim(run(root), session(process.pid))
    if (staging === null) return yield* Effect.dieMessage("nothing is claimed")
    if (word === "fill") yield* fill(staging, String(process.pid))
    if (word === "publish") yield* workspace.publish(staging)
    if (word === "discard") yield* workspace.discard(staging)
    return staging
  })

const program = Effect.gen(function* () {
  const words = yield* Queue.unbounded<unknown>()
  process.on("message", (word) => Queue.unsafeOffer(words, word))
  const areas = yield* AbandonedAreas
  yield* areas.cleared
  process.send?.("ready")
  let staging: Staging | null = null
  for (let word = yield* Queue.take(words); word !== "end"; word = yield* Queue.take(words)) {
    const outcome: Either.Either<Staging, Failure> = yield* Effect.either(obey(word, staging))
    if (outcome._tag === "Right") staging = outcome.right
    process.send?.(outcome._tag === "Right" ? "done" : outcome.left._tag)
  }
})

NodeRuntime.runMain(
  program.pipe(
    Effect.provide(service(root)),
    quiet,
    Effect.ensuring(Effect.sync(() => process.disconnect())),
  ),
)
