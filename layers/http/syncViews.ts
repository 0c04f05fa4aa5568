import { Effect } from "effect"
import type { ListParams } from "../../src/api/SyncApi.ts"
import { isLive, SyncJobState } from "../../src/domain/SyncJob.ts"
import type { SyncService } from "../../src/ports/SyncService.ts"

type Sync = typeof SyncService.Service

const usualPage = 100

/** One more than is shown tells whether there is a next page. */
export const jobPage = (sync: Sync, { cursor, equipment_id, limit = usualPage, state }: ListParams) =>
  Effect.map(
    sync.jobs({
      limit: limit + 1,
      ...(state === undefined ? {} : { states: [state] }),
      ...(equipment_id === undefined ? {} : { equipmentId: equipment_id }),
      ...(cursor === undefined ? {} : { after: cursor }),
    }),
    (found) => {
      const jobs = found.slice(0, limit)
      return { jobs, nextCursor: found.length > limit ? (jobs.at(-1)?.id ?? null) : null }
    },
  )

export const jobDetails = Effect.fnUntraced(function* (sync: Sync, id: string) {
  const job = yield* sync.job(id)
  const history = yield* sync.history(id)
  return { ...job, history, progress: (yield* sync.progress).get(id) ?? null }
})

const liveStates = SyncJobState.literals.filter(isLive)

/** What is on its way, and how far. */
export const liveJobs = (sync: Sync) =>
  Effect.zipWith(sync.jobs({ states: liveStates }), sync.progress, (jobs, progress) =>
    jobs.map((job) => ({ ...job, progress: progress.get(job.id) ?? null })),
  )
