import { join } from "node:path"
import { Console, Data, Duration, Effect, Ref, Schedule } from "effect"
import { adapters } from "../../layers/Embedded.ts"
import type { PartialSettings } from "../../layers/EmbeddedSettings.ts"
import { SyncService } from "../../src/ports/SyncService.ts"
import { rounded } from "./figures.ts"
import { heldBytes } from "./heap.ts"
import { equipmentId, pendingRun, runPlace } from "./syncFolders.ts"
import { folderInMemory } from "./workplace.ts"

/** The run came to another end than it should: nothing is measured of such ones. */
class NotVerified extends Data.TaggedError("NotVerified")<{ readonly reason: string }> {
  override get message(): string {
    return `the run wasn't verified: ${this.reason}`
  }
}

const settingsFor = (root: string): PartialSettings => ({
  paths: { localRoot: join(root, "local"), stateDir: join(root, "state") },
  equipment: [
    {
      id: equipmentId,
      label: "Demonstration instrument",
      nasRoot: join(root, "nas"),
      transport: { type: "mounted", uploadMbps: null, schedule: [] },
    },
  ],
})

const isVerified = (run: string) =>
  Effect.gen(function* () {
    const { status } = yield* SyncService
    const { reason, state } = yield* status(run)
    if (state === "failed") return yield* new NotVerified({ reason })
    return state === "verified"
  }).pipe(Effect.catchTag("JobNotFound", () => Effect.succeed(false)))

/** The most of the heap that was in use at a look, every few milliseconds. */
const highestHeap = (highest: Ref.Ref<number>) =>
  Effect.forever(
    Effect.delay(
      Effect.suspend(() => Ref.update(highest, (before) => Math.max(before, process.memoryUsage().heapUsed))),
      "20 millis",
    ),
  )

/** What a service holds more than at its start while it copies one run of so many files. */
export const memoryOf = (files: number) =>
  Effect.gen(function* () {
    const root = yield* folderInMemory
    const run = join(root, "local", equipmentId, runPlace)
    yield* pendingRun(run, files)
    return yield* Effect.gen(function* () {
      const { enqueue, initTarget } = yield* SyncService
      const heapBefore = yield* heldBytes
      const rssBefore = process.memoryUsage.rss()
      const heap = yield* Ref.make(heapBefore)
      yield* Effect.forkScoped(highestHeap(heap))
      yield* initTarget(equipmentId)
      yield* Effect.ignore(enqueue(run))
      yield* Console.error(`  a run of ${files} files`)
      const [took] = yield* Effect.timed(
        Effect.repeat(isVerified(run), { until: (done) => done, schedule: Schedule.spaced("100 millis") }),
      )
      const heapPeak = (yield* Ref.get(heap)) - heapBefore
      // Linux and macOS tell kibibytes, by way of Node.
      const rssPeak = process.resourceUsage().maxRSS * 1024 - rssBefore
      return {
        files,
        seconds: rounded(Duration.toSeconds(took)),
        heap_peak_bytes: heapPeak,
        rss_peak_bytes: rssPeak,
        heap_peak_bytes_per_file: Math.round(heapPeak / files),
        heap_held_afterwards_bytes: (yield* heldBytes) - heapBefore,
      }
    }).pipe(Effect.provide(adapters(settingsFor(root))))
  }).pipe(Effect.scoped)
