import { Clock, Effect, HashSet, Layer, Metric, Stream } from "effect"
import type { SyncEvent } from "../../src/domain/SyncJob.ts"
import { SyncService } from "../../src/ports/SyncService.ts"

const jobs = Metric.gauge("exlab_sync_jobs", { description: "Sync jobs, by state." })

const age = Metric.gauge("exlab_sync_oldest_unclaimed_seconds", {
  description: "How long the oldest job waits that nobody works on though it could be.",
})

const bytes = Metric.counter("exlab_sync_bytes_total", {
  description: "Bytes of directories whose copies were verified.",
  incremental: true,
})

/** Sets the figures to what they are now. A queue that can't be read leaves them as they were. */
export const countJobs = ({ standing }: typeof SyncService.Service): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { counts, oldestUnclaimed } = yield* standing
    const now = yield* Clock.currentTimeMillis
    yield* Effect.forEach(
      Object.entries(counts),
      ([state, count]) => Metric.set(Metric.tagged(jobs, "state", state), count),
      { discard: true },
    )
    yield* Metric.set(age, oldestUnclaimed === null ? 0 : Math.max(0, now - oldestUnclaimed) / 1000)
  }).pipe(Effect.catchAll(({ message }) => Effect.logWarning(message)))

type UnderWay = HashSet.HashSet<string>

/** A job counts when it becomes `verified`: one that is only verified once more has counted. */
const counted = (underWay: UnderWay, event: SyncEvent): readonly [UnderWay, number] => {
  if (event.kind === "progress") return [underWay, 0]
  const { id, state } = event.job
  if (state === "running" || state === "awaiting_verify") return [HashSet.add(underWay, id), 0]
  const isNew = state === "verified" && HashSet.has(underWay, id)
  return [HashSet.remove(underWay, id), isNew ? event.job.bytes : 0]
}

/** Counts what arrives, as long as the scope is open. */
export const layer: Layer.Layer<never, never, SyncService> = Layer.scopedDiscard(
  Effect.flatMap(SyncService, ({ events }) =>
    events.pipe(
      Stream.mapAccum(HashSet.empty<string>(), counted),
      Stream.runForEach((more) => (more > 0 ? Metric.incrementBy(bytes, more) : Effect.void)),
      Effect.forkScoped,
    ),
  ),
)
