import { DateTime, Effect, Option } from "effect"
import { destinationAt, joinPath, metadataFolder } from "../../../src/domain/Destination.ts"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Cleanup, SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { type Claim, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { tagsOf, WizardLog } from "../../../src/ports/WizardLog.ts"
import { isoTime } from "../queue/Entry.ts"
import { requireHome } from "../sync/home.ts"
import { standsAt } from "./place.ts"

/** A line in the run's own log, and in the service's. */
export const tell = (path: string, message: string) =>
  Effect.gen(function* () {
    const { paths } = yield* Settings
    const log = yield* WizardLog
    yield* Effect.logInfo(message, { path })
    const place = destinationAt(paths.localRoot, path)
    if (place === null) return
    const record = yield* Effect.flatMap(CreationWriter, ({ read }) => Effect.option(read(path)))
    const tags = tagsOf(place, Option.getOrNull(record))
    yield* log.append(path, [{ at: yield* DateTime.now, level: "INFO", message, tags }])
  })

/** Which files, how much, and by what verification. */
const account = ({ bytes, files, jobId, pass }: Cleanup) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const found = (yield* ledger.passes(jobId)).find((one) => one.pass === pass)
    const verification =
      found === undefined
        ? `verification ${pass}`
        : `verification ${pass} of ${isoTime(found.at)}, digest ${found.digest.slice(0, 16)}`
    return `${files} files, ${bytes} bytes; ${verification}`
  })

/** The records go, too, and then there is nothing left to keep the folder for. */
const dropRecords = ({ path, trash }: Cleanup) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    yield* disk.renameNew(joinPath(path, metadataFolder), joinPath(trash, metadataFolder))
    yield* disk.flush(trash)
    yield* Effect.catchIf(
      disk.removeDirectory(path),
      ({ errno }) => errno === "ENOTEMPTY" || errno === "EEXIST",
      () => Effect.void,
    )
  })

/** The run says itself that its data are in the trash, or its records go there, too. */
const sayInRun = (cleanup: Cleanup, what: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const writer = yield* CreationWriter
    const { retainCache, trashHours } = (yield* Settings).nasCleanup
    if (Option.isNone(yield* disk.lstat(joinPath(cleanup.path, metadataFolder)))) return
    const message = `cleaned up, in the trash for ${trashHours} hours: ${what}`
    if (retainCache) {
      yield* writer.update(cleanup.path, () => ({ syncStatus: "cleaned" }))
      yield* tell(cleanup.path, message)
    } else {
      // As the target has them: whatever somebody says in them until they go is seen before they are deleted.
      yield* Effect.logInfo(message, { path: cleanup.path })
      yield* dropRecords(cleanup)
    }
  })

/** Tells everybody of data that are in the trash, and nobody else's run. It may be done again. */
export const finish = Effect.fn("Sync.finishCleanUp")(function* (claim: Claim, cleanup: Cleanup) {
  const queue = yield* SyncQueue
  yield* requireHome(claim.job.equipmentId)
  const what = yield* account(cleanup)
  const there = yield* standsAt(cleanup)
  if (there === "the run") yield* sayInRun(cleanup, what)
  const isTaken = there !== "the run" && there !== "nothing"
  const reason = isTaken ? `${what}; ${there} has come to its place since, and is left as it is` : what
  return yield* queue.release(claim, "cleaned", { reason })
})
