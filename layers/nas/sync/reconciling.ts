import { Effect, Option } from "effect"
import { type Destination, destinationAt, joinPath, runFolders } from "../../../src/domain/Destination.ts"
import { isLive, type SyncJob } from "../../../src/domain/SyncJob.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { notedIn, takenFrom } from "../cleanup/trashNotes.ts"
import { SyncParts } from "./SyncParts.ts"
import { enqueue, obstacle } from "./enqueueing.ts"

/** What can't be listed is passed by: the audit tells of it. */
const foldersIn = (path: string): Effect.Effect<ReadonlyArray<string>, never, Disk> =>
  Effect.flatMap(Disk, (disk) => disk.list(path)).pipe(
    Effect.map((entries) =>
      entries.flatMap(({ name, type }) =>
        type === "directory" && !name.startsWith(".") ? [joinPath(path, name)] : [],
      ),
    ),
    Effect.orElseSucceed((): ReadonlyArray<string> => []),
  )

const isUnfinished = (path: string): Effect.Effect<boolean, never, CreationWriter> =>
  Effect.flatMap(CreationWriter, (writer) => writer.read(path)).pipe(
    Effect.map(({ syncStatus }) => syncStatus === "pending" || syncStatus === "failed"),
    Effect.orElseSucceed(() => false),
  )

/** Queues a directory that says it is pending, or has failed, and that no job is about. */
const lookAt = Effect.fnUntraced(function* ({ path }: Destination) {
  const queue = yield* SyncQueue
  if (Option.isSome(yield* queue.find(path))) return
  if (!(yield* isUnfinished(path))) return
  yield* Effect.catchAll(enqueue(path), ({ message }) => Effect.logInfo(`not queued: ${message}`))
})

/** What a lost queue has forgotten: data that lie in a trash go back to their run, and are verified anew. */
const missTrashes = Effect.fnUntraced(function* (parent: string, localRoot: string) {
  const ledger = yield* SyncLedger
  const queue = yield* SyncQueue
  const { tell } = yield* SyncParts
  for (const { path, trash } of yield* notedIn(parent)) {
    const destination = destinationAt(localRoot, path)
    const job = yield* queue.find(path)
    if (destination?.path !== path || Option.exists(job, ({ state }) => isLive(state))) continue
    if (Option.isSome(job) && Option.isSome(yield* ledger.cleanup(job.value.id))) continue
    const reason = `its data lie in the trash ${trash}, of which the queue knows nothing: they come back, and are verified anew`
    const { equipmentId, level } = destination
    // Its data were complete once.
    const queued = yield* queue.enqueue({ path, level, equipmentId }, "queued", reason)
    if (!isLive(queued.state)) continue
    yield* Effect.logWarning(reason, { path })
    yield* tell(queued)
  }
})

const projectsOf = (home: string, localRoot: string) =>
  Effect.gen(function* () {
    for (const project of yield* foldersIn(home)) {
      const own = destinationAt(localRoot, project)
      if (own !== null) yield* lookAt(own)
      for (const { folder } of Object.values(runFolders)) {
        const parent = joinPath(project, folder)
        yield* Effect.catchTag(missTrashes(parent, localRoot), "DiskError", ({ message }) =>
          Effect.logWarning(`not looked for what lies in its trash: ${message}`),
        )
        for (const run of yield* foldersIn(parent)) {
          const destination = destinationAt(localRoot, run)
          if (destination !== null) yield* lookAt(destination)
        }
      }
    }
  })

/** What can't be looked at may be there. */
const hasTaken = (job: SyncJob) =>
  Effect.map(takenFrom(job), Option.isSome).pipe(Effect.catchTag("DiskError", () => Effect.succeed(true)))

/** Jobs whose directory is gone, unless its data are in the trash and come back, or its disk is away. */
const failGone = Effect.gen(function* () {
  const queue = yield* SyncQueue
  const { hasHome, isThere, tell } = yield* SyncParts
  const states = ["waiting_for_data", "queued", "awaiting_verify", "paused"] as const
  let after: string | undefined = undefined
  for (;;) {
    const jobs: ReadonlyArray<SyncJob> = yield* queue.list({
      states,
      ...(after === undefined ? {} : { after }),
    })
    for (const job of jobs) {
      if ((yield* isThere(job.path)) || !(yield* hasHome(job.equipmentId))) continue
      if (yield* hasTaken(job)) continue
      yield* Effect.scoped(
        Effect.flatMap(queue.claimJob(job.id, states), (claim) =>
          Option.isNone(claim)
            ? Effect.void
            : Effect.flatMap(queue.release(claim.value, "failed", { reason: "the directory is gone" }), tell),
        ),
      )
    }
    const last: SyncJob | undefined = jobs.at(-1)
    if (last === undefined) return
    after = last.id
  }
})

/**
 * What happened while nobody looked: directories that were published and have no job are queued, jobs whose
 * directory is gone are failed. Runs in the background, once, after the start.
 */
export const reconcile = Effect.gen(function* () {
  const { equipment, paths } = yield* Settings
  yield* failGone
  for (const { id } of equipment) {
    if ((yield* obstacle(id)) !== null) continue
    yield* projectsOf(joinPath(paths.localRoot, id), paths.localRoot)
  }
}).pipe(Effect.withSpan("Sync.reconcile"))
