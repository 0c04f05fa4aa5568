import { Effect, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { checksumsPath, creationPath } from "../../../src/domain/PublishedTree.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type { TargetTransport } from "../../../src/ports/SyncTransport.ts"
import { locally, stopped } from "./stops.ts"

export const nameTaken = `the NAS has another directory under its name, which isn't written over: give this one another name and enqueue that, or move the other away there, then retry. If it is the same one, bring ${checksumsPath} back from there, then retry`

/**
 * Fails when what the target has under a directory's name is another's, which was removed here since: a directory
 * gets its checksums before it gets its name there.
 */
export const refuseTaken = Effect.fn("Sync.refuseTaken")(function* ({
  final,
  job,
  transport,
}: {
  readonly final: string
  readonly job: SyncJob
  readonly transport: TargetTransport
}) {
  const disk = yield* Disk
  const sums = yield* locally(disk.lstat(joinPath(job.path, checksumsPath)))
  if (Option.isSome(sums)) return
  const there = yield* transport.digests(final, [creationPath])
  if (!there.has(creationPath)) return
  return yield* stopped(nameTaken)
})
