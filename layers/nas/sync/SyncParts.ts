import { Context, DateTime, Deferred, Effect, HashMap, Layer, Option, PubSub, Ref } from "effect"
import { destinationAt, joinPath } from "../../../src/domain/Destination.ts"
import type { EquipmentSettings } from "../../../src/domain/Settings.ts"
import type { SyncEvent, SyncJob, SyncProgress } from "../../../src/domain/SyncJob.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { hasHome } from "./home.ts"

/** Events that a slow subscriber may be behind. */
const remembered = 1024

/** What the parts of the sync share: who is told what, and how far each job is. */
export class SyncParts extends Context.Tag("exlab-wizard/SyncParts")<
  SyncParts,
  {
    readonly events: PubSub.PubSub<SyncEvent>
    readonly progress: Ref.Ref<HashMap.HashMap<string, SyncProgress>>
    /** Tells of a job's new state. */
    readonly tell: (job: SyncJob) => Effect.Effect<void>
    readonly report: (jobId: string, progress: SyncProgress) => Effect.Effect<void>
    readonly forgetProgress: (jobId: string) => Effect.Effect<void>
    /** Runs work on a job until it is done, or until somebody stops that job: then with none. */
    readonly stoppable: <A, E, R>(
      jobId: string,
      work: Effect.Effect<A, E, R>,
    ) => Effect.Effect<Option.Option<A>, E, R>
    /** Stops what this process does for a job. */
    readonly stop: (jobId: string) => Effect.Effect<void>
    readonly equipment: (id: string) => Option.Option<EquipmentSettings>
    /** Now, in the zone of the settings. */
    readonly localNow: Effect.Effect<DateTime.Zoned>
    /** Whether a directory is there; one that can't be looked at is. */
    readonly isThere: (path: string) => Effect.Effect<boolean>
    /** Whether an equipment's disk is there: without it, nothing on it is gone. One that can't be looked at isn't. */
    readonly hasHome: (equipmentId: string) => Effect.Effect<boolean>
  }
>() {
  static readonly layer: Layer.Layer<SyncParts, never, Disk | Settings> = Layer.scoped(
    SyncParts,
    Effect.gen(function* () {
      const settings = yield* Settings
      const disk = yield* Disk
      const context = yield* Effect.context<Disk | Settings>()
      const events = yield* Effect.acquireRelease(PubSub.sliding<SyncEvent>(remembered), PubSub.shutdown)
      const progress = yield* Ref.make(HashMap.empty<string, SyncProgress>())
      const underWay = yield* Ref.make(HashMap.empty<string, Deferred.Deferred<void>>())
      const zone = Option.getOrElse(DateTime.zoneMakeNamed(settings.timeZone), () =>
        DateTime.zoneMakeOffset(0),
      )
      const isThere = (path: string) =>
        disk.lstat(path).pipe(
          Effect.map(Option.exists(({ type }) => type === "directory")),
          Effect.orElseSucceed(() => true),
        )
      return SyncParts.of({
        events,
        progress,
        tell: (job) => Effect.asVoid(PubSub.publish(events, { kind: "job", job })),
        report: (jobId, now) =>
          Effect.zipRight(
            Ref.update(progress, HashMap.set(jobId, now)),
            PubSub.publish(events, { kind: "progress", jobId, progress: now }),
          ),
        forgetProgress: (jobId) => Ref.update(progress, HashMap.remove(jobId)),
        stoppable: (jobId, work) =>
          Effect.acquireUseRelease(
            Effect.tap(Deferred.make<void>(), (stopped) => Ref.update(underWay, HashMap.set(jobId, stopped))),
            (stopped) =>
              Effect.raceFirst(Effect.asSome(work), Effect.as(Deferred.await(stopped), Option.none())),
            () => Ref.update(underWay, HashMap.remove(jobId)),
          ),
        stop: (jobId) =>
          Effect.flatMap(Ref.get(underWay), (all) =>
            Option.match(HashMap.get(all, jobId), {
              onNone: () => Effect.void,
              onSome: (stopped) => Effect.asVoid(Deferred.succeed(stopped, undefined)),
            }),
          ),
        equipment: (id) => Option.fromNullable(settings.equipment.find((one) => one.id === id)),
        localNow: Effect.map(DateTime.now, DateTime.setZone(zone)),
        isThere,
        hasHome: (id) => Effect.orElseSucceed(Effect.provide(hasHome(id), context), () => false),
      })
    }),
  )
}

/** Where a directory goes on the target, and where it is gathered before; null for a path that isn't managed. */
export const placesOf = (
  localRoot: string,
  { id, path }: SyncJob,
): { readonly final: string; readonly incoming: string } | null => {
  const destination = destinationAt(localRoot, path)
  if (destination === null) return null
  const home = `${joinPath(localRoot, destination.equipmentId)}/`
  return { final: destination.path.slice(home.length), incoming: `.exlab-incoming/${id}` }
}
