import { resolve } from "node:path"
import { Effect, Layer, type Option, Schema } from "effect"
import { destinationAt, joinPath } from "../../../src/domain/Destination.ts"
import { SyncJob } from "../../../src/domain/SyncJob.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { portsAtRest, syncAtRest, syncQueueOnly } from "../../Embedded.ts"
import { obstacle } from "../../nas/sync/enqueueing.ts"
import { base, pathArgument, toJson } from "../common.ts"
import { Output } from "../Output.ts"

export const path = pathArgument("path", "The folder of a project or a run")

const over = (sync: typeof syncAtRest) => (config: Option.Option<string>) =>
  sync.pipe(Layer.provideMerge(portsAtRest), Layer.provideMerge(base(config)))

/** The queue that the settings name, which services may use at the same time. Copies nothing itself. */
export const overQueue = over(syncQueueOnly)

/** The same for commands that only look. */
export const overQueueAsItIs = over(syncAtRest)

/**
 * A path from where the caller is, or below the local root; one that leads there through links is its goal. Links
 * below the root aren't followed: a directory is known by its own name.
 */
export const managed = (said: string) =>
  Effect.gen(function* () {
    const { localRoot } = (yield* Settings).paths
    const here = resolve(said)
    if (here.startsWith(joinPath(localRoot, ""))) return here
    const disk = yield* Disk
    const [realRoot, real] = yield* Effect.all([disk.realPath(localRoot), disk.realPath(here)])
    if (here.startsWith(joinPath(realRoot, "")))
      return joinPath(localRoot, here.slice(joinPath(realRoot, "").length))
    const place = destinationAt(realRoot, real)
    return place === null ? said : joinPath(localRoot, place.path.slice(joinPath(realRoot).length + 1))
  }).pipe(Effect.catchTag("DiskError", () => Effect.succeed(said)))

/** How a directory stands, and what keeps it from being copied besides findings. */
export const standing = Effect.fnUntraced(function* (place: string, syncStatus: string) {
  const { paths } = yield* Settings
  const destination = destinationAt(paths.localRoot, place)
  const why = destination === null ? null : yield* obstacle(destination.equipmentId)
  return `${place} is ${syncStatus}${why === null ? "" : `; nothing is copied: ${why}`}`
})

const encode = Schema.encode(SyncJob)

/** As it is over HTTP. */
export const toWire = (job: SyncJob) => Effect.orDie(encode(job))

/** In one line: which job, how it stands, what it copies, when it goes on at the earliest, and why. */
export const lineOf = ({ id, notBefore, path, reason, state }: SyncJob): string =>
  [id, state, path, notBefore ?? "", reason].join("\t")

/** Tells the job that came of what was asked. */
export const showJob = Effect.fnUntraced(function* (job: SyncJob, json: boolean) {
  const { result } = yield* Output
  yield* result(json ? toJson(yield* toWire(job)) : lineOf(job))
})
