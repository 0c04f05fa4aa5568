import { join } from "node:path"
import { Array, Duration, Effect, Layer, Option } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import * as SqliteSyncQueue from "../../layers/nas/queue/SqliteSyncQueue.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { SyncQueue } from "../../src/ports/SyncQueue.ts"
import { spread } from "./figures.ts"
import { equipmentId } from "./syncFolders.ts"
import { folderOnDisk } from "./workplace.ts"

const jobsOfARound = 200
const rounds = 10

/** Enqueue, claim, `running`, `awaiting_verify`, `verified`. */
const operationsOfAJob = 5

const wish = { states: ["queued"], perEquipment: 1, except: [] } as const

/** What the queue does for one directory, from its first day to its last. */
const life = (path: string) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    yield* queue.enqueue({ path, level: "run", equipmentId }, "queued", "created")
    const claim = Option.getOrThrow(yield* queue.claim(wish))
    const running = yield* queue.move(claim, "running", { attempt: 1 })
    const arrived = yield* queue.move(running, "awaiting_verify", { files: 10, bytes: 1000 })
    yield* queue.release(arrived, "verified", { verifyPasses: 1 })
  }).pipe(Effect.scoped)

/** Each change is on stable storage before the next begins; the queue keeps what was there before. */
export const queueFigures = Effect.gen(function* () {
  const stateDir = join(yield* folderOnDisk, "state")
  const settings = Settings.layer(withDefaults({ paths: { stateDir } }))
  const round = (n: number) =>
    Effect.map(
      Effect.timed(
        Effect.forEach(Array.range(1, jobsOfARound), (k) => life(`/data/run_${n}_${k}`), { discard: true }),
      ),
      ([took]) => (jobsOfARound * operationsOfAJob) / Duration.toSeconds(took),
    )
  const perSecond = yield* Effect.forEach(Array.range(1, rounds), round).pipe(
    Effect.provide(SqliteSyncQueue.layer.pipe(Layer.provide(Layer.merge(NodeDisk.layer, settings)))),
  )
  return { jobs: rounds * jobsOfARound, operations_per_second: spread(perSecond) }
}).pipe(Effect.scoped)
