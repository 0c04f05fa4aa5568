import { Effect } from "effect"
import { nearestExisting } from "../../src/controller/destinationChecks.ts"
import { joinPath } from "../../src/domain/Destination.ts"
import { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { error, ok } from "./doctorChecks.ts"
import { obstacle } from "./sentences.ts"

/** Writes a file in a folder, locks it, and takes it away. */
const use = (folder: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const probe = joinPath(folder, `.exlab-wizard-doctor-${process.pid}`)
    yield* Effect.acquireUseRelease(
      disk.createFile(probe, ""),
      () => Effect.scoped(disk.lock(probe, "1 second")),
      () => Effect.ignore(disk.removeFile(probe)),
    )
  })

/** What a folder doesn't let happen, told of itself: the file that was tried is nobody's. */
const hindrance = (folder: string, failure: DiskError | Error): string => {
  if (!(failure instanceof DiskError)) return failure.message
  return failure.errno === "ENOENT"
    ? `no file can be made in ${folder}`
    : obstacle(new DiskError({ path: folder, op: failure.op, errno: failure.errno }))
}

/** Whether a folder that the settings name, or the one that it would be made in, can be worked in. */
export const workable = (name: string, path: string, remedy: string) =>
  Effect.gen(function* () {
    const { path: folder } = yield* nearestExisting(path)
    yield* Effect.mapError(use(folder), (failure) => hindrance(folder, failure))
    return ok(name, `${path} can be written to, and its files can be locked`)
  }).pipe(
    Effect.catchAll((failure) =>
      Effect.succeed(error(name, typeof failure === "string" ? failure : obstacle(failure), remedy)),
    ),
  )

export const rootCheck = Effect.flatMap(Settings, ({ paths }) =>
  workable(
    "local_root",
    paths.localRoot,
    "let the service's user write there, or set paths.local_root to a local folder",
  ),
)

export const stateCheck = Effect.flatMap(Settings, ({ paths }) =>
  workable(
    "state_dir",
    paths.stateDir,
    "let the service's user write there, or set paths.state_dir to a folder on a local disk",
  ),
)

export const roomCheck = Effect.gen(function* () {
  const disk = yield* Disk
  const { disk: limits, paths } = yield* Settings
  const { path } = yield* nearestExisting(paths.localRoot)
  const free = Math.floor((yield* disk.freeBytes(path)) / 1024 / 1024)
  return free >= limits.minFreeMib
    ? ok("room", `${free} MiB are free`)
    : error("room", `${free} MiB are free, and disk.min_free_mib is ${limits.minFreeMib}`, "make room")
}).pipe(
  Effect.catchAll((failure) =>
    Effect.succeed(error("room", obstacle(failure), "set paths.local_root to a folder on a local disk")),
  ),
)
