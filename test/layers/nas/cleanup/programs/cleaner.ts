import { NodeRuntime } from "@effect/platform-node"
import { Effect, Logger, LogLevel, Option } from "effect"
import { cleanUp } from "../../../../../layers/nas/cleanup/cleaning.ts"
import { SyncQueue } from "../../../../../src/ports/SyncQueue.ts"
import { Action, DiskFaults } from "../../../../support/FaultDisk.ts"
import { fileWorld } from "../fileWorld.ts"

/** Cleans up a run, and is killed after its k-th change on the disk. */
const [root = "", id = "", k = ""] = process.argv.slice(2)

const kill = Effect.sync(() => {
  process.kill(process.pid, "SIGKILL")
})

const changing = new Set(["append", "createFile", "makeDirectories", "removeFile", "rename", "renameNew"])

const program = Effect.gen(function* () {
  const faults = yield* DiskFaults
  const queue = yield* SyncQueue
  const claim = Option.getOrThrow(yield* queue.claimJob(id, ["verified"]))
  let changes = 0
  yield* faults.arm(({ name }) =>
    changing.has(name) && changes++ === Number(k) ? Action.RunAfter({ effect: kill }) : Action.Pass(),
  )
  yield* cleanUp(claim, { target: () => Effect.void, isThere: () => Effect.succeed(true) })
})

NodeRuntime.runMain(
  program.pipe(
    Effect.scoped,
    Effect.provide(fileWorld(root)),
    Logger.withMinimumLogLevel(LogLevel.None),
    Effect.ensuring(Effect.sync(() => process.disconnect())),
  ),
)
