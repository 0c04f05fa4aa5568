import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { Disk } from "../../../../src/ports/Disk.ts"

/** Takes a lock, says so, and keeps it until the process ends or is told to let go. */
const [lockFile = ""] = process.argv.slice(2)

const told = Effect.async<void>((resume) => {
  process.once("message", () => resume(Effect.void))
})

const program = Effect.gen(function* () {
  const disk = yield* Disk
  yield* disk.lock(lockFile, "10 seconds")
  process.send?.("held")
  yield* told
}).pipe(Effect.scoped, Effect.ensuring(Effect.sync(() => process.disconnect())))

NodeRuntime.runMain(Effect.provide(program, NodeDisk.layer))
