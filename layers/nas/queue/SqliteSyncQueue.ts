import { Duration, Effect, Layer } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type QueueUnavailable, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import * as JobLocks from "./JobLocks.ts"
import * as jobQueue from "./jobQueue.ts"
import * as QueueFile from "./QueueFile.ts"
import * as SqliteJobTable from "./SqliteJobTable.ts"
import * as Wakeups from "./Wakeups.ts"

const make = Effect.gen(function* () {
  const { leaseSeconds } = (yield* Settings).sync
  const { folder } = yield* QueueFile.QueueFile
  const table = yield* SqliteJobTable.make
  return yield* jobQueue.make({
    table,
    locks: yield* JobLocks.inFolder(joinPath(folder, "locks")),
    wakeups: yield* Wakeups.make(table),
    lease: Duration.seconds(leaseSeconds),
  })
})

/** The queue in `<state directory>/sync/queue.db`, for all processes of this computer that use the directory. */
export const layer: Layer.Layer<SyncQueue, QueueUnavailable, Disk | Settings> = Layer.effect(
  SyncQueue,
  make,
).pipe(Layer.provide(QueueFile.layer))
