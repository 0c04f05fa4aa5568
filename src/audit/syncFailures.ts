import { Effect } from "effect"
import type { SyncJob } from "../domain/SyncJob.ts"
import type { SyncService } from "../ports/SyncService.ts"
import { type Judgement, type Remark, syncFailed } from "./findings.ts"

const pageSize = 1000

/** What couldn't be copied. A queue that can't be asked is told of elsewhere, and tells nothing here. */
export const syncFailures = (sync: typeof SyncService.Service): Effect.Effect<ReadonlyArray<Remark>> =>
  Effect.gen(function* () {
    const failures: Array<Remark> = []
    let after: string | undefined = undefined
    for (;;) {
      const jobs: ReadonlyArray<SyncJob> = yield* sync.jobs({
        states: ["failed"],
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      })
      for (const { path, reason } of jobs)
        failures.push({ directory: path, finding: syncFailed(path, reason) })
      after = jobs.at(-1)?.id
      if (jobs.length < pageSize || after === undefined) return failures
    }
  }).pipe(
    Effect.catchAll(({ message }) =>
      Effect.as(Effect.logWarning(`failed copies are not among the problems: ${message}`), []),
    ),
  )

/** What a record says of a copy that no job tells of: the queue was lost, and nobody has tried it again since. */
export const untoldFailure = (
  sync: typeof SyncService.Service,
  path: string,
  { isFailed }: Judgement,
): Effect.Effect<ReadonlyArray<Remark>> => {
  if (!isFailed) return Effect.succeed([])
  const reason = "its record says so, and there is no job about it. Enqueue it"
  return Effect.match(sync.status(path), {
    onFailure: ({ _tag }) =>
      _tag === "JobNotFound" ? [{ directory: path, finding: syncFailed(path, reason) }] : [],
    onSuccess: () => [],
  })
}
