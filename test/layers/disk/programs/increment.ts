import { readFileSync, writeFileSync } from "node:fs"
import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { Disk } from "../../../../src/ports/Disk.ts"

/** Counts a file up under a lock, from several fibers; after every third time it unlinks the lock's file. */
const [counter = "", lockFile = "", times = "0"] = process.argv.slice(2)

const fibers = 4

const program = Effect.gen(function* () {
  const disk = yield* Disk
  const increment = (index: number) =>
    Effect.gen(function* () {
      yield* disk.lock(lockFile, "30 seconds")
      const before = Number(readFileSync(counter, "utf8"))
      yield* Effect.yieldNow()
      writeFileSync(counter, String(before + 1))
      if (index % 3 === 0) yield* disk.removeFile(lockFile)
    }).pipe(Effect.scoped)
  const indexes = Array.from({ length: Number(times) }, (_, index) => index)
  yield* Effect.forEach(indexes, increment, { concurrency: fibers, discard: true })
})

NodeRuntime.runMain(Effect.provide(program, NodeDisk.layer))
