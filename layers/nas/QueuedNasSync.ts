import { Clock, Context, Effect, HashMap, Layer, Option, Ref, Stream } from "effect"
import type { SyncGate } from "../../src/audit/SyncGate.ts"
import { destinationAt } from "../../src/domain/Destination.ts"
import { JobNotFound, SyncRefused } from "../../src/domain/SyncErrors.ts"
import type { SyncJob } from "../../src/domain/SyncJob.ts"
import type { CreationWriter } from "../../src/ports/CreationWriter.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import { EnqueueRefused, NasSync } from "../../src/ports/NasSync.ts"
import { Settings } from "../../src/ports/Settings.ts"
import type { SyncLedger } from "../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../src/ports/SyncQueue.ts"
import { SyncService } from "../../src/ports/SyncService.ts"
import { SyncTransport } from "../../src/ports/SyncTransport.ts"
import type { Validator } from "../../src/ports/Validator.ts"
import type { WizardLog } from "../../src/ports/WizardLog.ts"
import { recent } from "../sharing/recent.ts"
import { enqueue, obstacle, queueUp, refuseToRetry } from "./sync/enqueueing.ts"
import { SyncParts } from "./sync/SyncParts.ts"
import { initTarget } from "./sync/target.ts"
import { verify } from "./sync/verifying.ts"
import { Workers } from "./sync/Workers.ts"

type Within =
  | CreationWriter
  | Disk
  | Settings
  | SyncGate
  | SyncLedger
  | SyncParts
  | SyncQueue
  | SyncTransport
  | Validator
  | WizardLog

const known = (id: string, job: Option.Option<SyncJob>): Effect.Effect<SyncJob, JobNotFound> =>
  Option.match(job, { onNone: () => new JobNotFound({ job: id }), onSome: Effect.succeed })

/** What a person asks of a job, and in which words it is refused. */
const orders = {
  retry: { reason: "asked for again", only: "only a job that failed or waits can be retried" },
  pause: { reason: "paused by a person", only: "only a job that is under way can be paused" },
  resume: { reason: "resumed by a person", only: "only a paused job can be resumed" },
} as const

const makeService = Effect.gen(function* () {
  const context = yield* Effect.context<Within>()
  const { equipment, events, progress, stop, tell } = yield* SyncParts
  const queue = yield* SyncQueue
  const settings = yield* Settings
  const transports = yield* SyncTransport
  const workers = yield* Workers

  const intervene = (order: keyof typeof orders) => (id: string) =>
    Effect.gen(function* () {
      const { only, reason } = orders[order]
      const answer = yield* queue.intervene(id, order, reason)
      if (Option.isNone(answer)) return yield* new JobNotFound({ job: id })
      const { done, job } = answer.value
      if (order === "pause" && done) yield* stop(id)
      if (!done) return yield* new SyncRefused({ path: job.path, reason: `it is ${job.state}: ${only}` })
      yield* tell(job)
      return job
    }).pipe(Effect.withSpan(`SyncService.${order}`))

  /** What each transport lacks on this machine: its tools are started to find out. */
  const problems = yield* recent(
    "1 minute",
    Effect.forEach(settings.sync.enabled ? settings.equipment : [], ({ id }) =>
      Option.match(transports.of(id), {
        onNone: () => Effect.succeed([]),
        onSome: ({ check }) =>
          Effect.match(check, {
            onFailure: ({ message }) => [`${id}: ${message}`],
            onSuccess: () => [],
          }),
      }),
    ),
  )

  return SyncService.of({
    enqueue: (path) => Effect.provide(enqueue(path), context),
    status: Effect.fn("SyncService.status")((path) => {
      const destination = destinationAt(settings.paths.localRoot, path)
      return Effect.flatMap(queue.find(destination?.path ?? path), (job) => known(path, job))
    }),
    job: (id) => Effect.flatMap(queue.get(id), (job) => known(id, job)),
    jobs: queue.list,
    history: (id) =>
      Effect.zipRight(
        Effect.flatMap(queue.get(id), (job) => known(id, job)),
        queue.history(id),
      ),
    progress: Effect.map(Ref.get(progress), (all) => new Map(HashMap.toEntries(all))),
    retry: (id) =>
      Effect.flatMap(queue.get(id), Effect.transposeMapOption(refuseToRetry)).pipe(
        Effect.provide(context),
        Effect.zipRight(intervene("retry")(id)),
      ),
    pause: intervene("pause"),
    resume: intervene("resume"),
    verify: (path) => Effect.provide(verify(path), context),
    initTarget: (id, { replace } = { replace: false }) =>
      Option.isNone(equipment(id))
        ? new SyncRefused({ path: id, reason: "the settings know no such equipment" })
        : Effect.provide(initTarget(id, replace), context),
    events: Stream.fromPubSub(events),
    standing: Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      return {
        counts: yield* queue.counts,
        pausedTargets: (yield* queue.pausedTargets).filter(({ since, until }) => since <= now && until > now),
        oldestUnclaimed: Option.getOrNull(yield* queue.oldestUnclaimed),
        problems: (yield* problems).flat(),
        workersSilent: yield* workers.silent,
      }
    }).pipe(Effect.withSpan("SyncService.standing")),
  })
})

const nameTaken =
  "a run of this name was cleaned up here, and the NAS has its data under it: give this one another name, and enqueue that"

const makeNasSync = Effect.gen(function* () {
  const context = yield* Effect.context<Within>()
  const { paths } = yield* Settings
  return NasSync.of({
    /** The controller has looked at the directory itself just now; the gate looks again before it goes. */
    enqueue: Effect.fn("NasSync.enqueue")(({ path }) =>
      Effect.gen(function* () {
        const destination = destinationAt(paths.localRoot, path)
        if (destination === null || (yield* obstacle(destination.equipmentId)) !== null) return
        const { state } = yield* queueUp(destination, "")
        if (state === "cleaned") return yield* new EnqueueRefused({ path, reason: nameTaken })
      }).pipe(
        Effect.catchTag(
          "QueueUnavailable",
          ({ message }) => new EnqueueRefused({ path, reason: `${message}. The next start queues it` }),
        ),
        Effect.provide(context),
      ),
    ),
  })
})

type Made = Layer.Layer<SyncService | NasSync, never, Exclude<Within, SyncParts>>

/** The service over whatever workers it is given. */
const service = Layer.effectContext(
  Effect.gen(function* () {
    return Context.make(SyncService, yield* makeService).pipe(Context.add(NasSync, yield* makeNasSync))
  }),
)

/**
 * The sync to the NAS over whatever queue and transports it is given: a queue that lasts, workers that copy,
 * verification that reads back. An equipment without a transport stays `pending`.
 */
export const layer: Made = service.pipe(Layer.provide(Workers.layer), Layer.provide(SyncParts.layer))

/** The same without workers, for programs that end soon: what they queue is copied by the service that runs. */
export const layerQueueOnly: Made = service.pipe(
  Layer.provide(Workers.layerNone),
  Layer.provide(SyncParts.layer),
)
