import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../../src/api/Api.ts"
import { Verdict } from "../../src/api/reviews.ts"
import { JobView, PathBody } from "../../src/api/SyncApi.ts"
import { Problems } from "../../src/audit/Problems.ts"
import { VerifyReport } from "../../src/domain/SyncJob.ts"
import { SyncService } from "../../src/ports/SyncService.ts"
import { answeredAs } from "./answering.ts"
import { enveloped } from "./envelopes.ts"
import { readBody } from "./requestBody.ts"
import { jobDetails, jobPage } from "./syncViews.ts"

const pathBody = readBody(PathBody)

const queued = answeredAs(JobView, ({ id }) => ({
  status: 201,
  headers: { location: `/api/v1/sync/jobs/${id}` },
}))
const steered = answeredAs(JobView)
const compared = answeredAs(VerifyReport)
const looked = answeredAs(Verdict)

export const layer = HttpApiBuilder.group(Api, "sync", (handlers) =>
  Effect.gen(function* () {
    const sync = yield* SyncService
    const problems = yield* Problems
    return handlers
      .handle("jobs", ({ urlParams }) => enveloped(jobPage(sync, urlParams)))
      .handle("job", ({ path }) => enveloped(jobDetails(sync, path.id)))
      .handleRaw("enqueue", ({ request }) =>
        queued(Effect.flatMap(pathBody(request), ({ path }) => sync.enqueue(path))),
      )
      .handleRaw("retry", ({ path }) => steered(sync.retry(path.id)))
      .handleRaw("pause", ({ path }) => steered(sync.pause(path.id)))
      .handleRaw("resume", ({ path }) => steered(sync.resume(path.id)))
      .handleRaw("verify", ({ request }) =>
        compared(Effect.flatMap(pathBody(request), ({ path }) => sync.verify(path))),
      )
      .handleRaw("revalidate", ({ request }) =>
        looked(Effect.flatMap(pathBody(request), ({ path }) => problems.revalidate(path))),
      )
  }),
)
