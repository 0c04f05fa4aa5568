import { Duration, Effect, Layer } from "effect"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncQueue } from "../../../src/ports/SyncQueue.ts"
import * as JobLocks from "./JobLocks.ts"
import * as jobQueue from "./jobQueue.ts"
import * as MemoryJobTable from "./MemoryJobTable.ts"
import * as Wakeups from "./Wakeups.ts"

const make = Effect.gen(function* () {
  const { leaseSeconds } = (yield* Settings).sync
  const table = yield* MemoryJobTable.make
  return yield* jobQueue.make({
    table,
    locks: yield* JobLocks.inMemory,
    wakeups: yield* Wakeups.make(table),
    lease: Duration.seconds(leaseSeconds),
  })
})

/** A queue that ends with the process: for tests, and for those who enqueue everything anew at each start. */
export const layerMemory: Layer.Layer<SyncQueue, never, Settings> = Layer.effect(SyncQueue, make)
