import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { SyncJob, SyncJobChange, SyncJobState, SyncProgress, VerifyReport } from "../domain/SyncJob.ts"
import { wireStruct } from "../domain/wire.ts"
import { NotFound, Refused } from "./ApiError.ts"
import { oneOf, pageCursor, pageLimit } from "./parameters.ts"
import { Verdict } from "./reviews.ts"
import * as examples from "./syncExamples.ts"

const jobId = /^job_[0-9a-z]{1,64}$/

const JobId = Schema.String.pipe(Schema.pattern(jobId, { message: () => "must be the id of a sync job" }))

export const JobView = SyncJob.annotations({ identifier: "SyncJob", examples: [examples.job] })

/** How far it is; null when nothing is being done for it just now. */
const progress = Schema.NullOr(SyncProgress)

/** A job that hasn't ended. */
export const LiveJob = Schema.Struct({ ...SyncJob.fields, progress }).annotations({
  identifier: "LiveSyncJob",
  examples: [examples.liveJob],
})
export type LiveJob = typeof LiveJob.Type

const JobDetails = Schema.Struct({
  ...SyncJob.fields,
  /** Oldest first. */
  history: Schema.Array(SyncJobChange),
  progress,
}).annotations({ identifier: "SyncJobDetails", examples: [examples.jobDetails] })

const JobPage = wireStruct({
  /** Oldest first. */
  jobs: Schema.Array(SyncJob),
  nextCursor: Schema.NullOr(Schema.String),
}).annotations({ identifier: "SyncJobPage", examples: [examples.jobPage] })

/** A project's or run's directory, absolute or below the local root. */
export const PathBody = wireStruct({ path: Schema.String }).annotations({
  identifier: "DirectoryPath",
  examples: [examples.pathBody],
})

const ListParams = Schema.Struct({
  state: oneOf(SyncJobState),
  equipment_id: Schema.optionalWith(Schema.String, { exact: true }),
  limit: pageLimit,
  cursor: pageCursor(jobId),
})
export type ListParams = typeof ListParams.Type

const JobPath = Schema.Struct({ id: JobId })

const jobs = HttpApiEndpoint.get("jobs", "/sync/jobs")
  .setUrlParams(ListParams)
  .addSuccess(JobPage)
  .annotate(OpenApi.Summary, "Sync jobs, oldest first, in pages")

const job = HttpApiEndpoint.get("job", "/sync/jobs/:id")
  .setPath(JobPath)
  .addSuccess(JobDetails)
  .addError(NotFound)
  .annotate(OpenApi.Summary, "One sync job with its history, and how far it is")

const enqueue = HttpApiEndpoint.post("enqueue", "/sync/jobs")
  .setPayload(PathBody)
  .addSuccess(JobView, { status: 201 })
  .addError(NotFound)
  .addError(Refused)
  .annotate(OpenApi.Summary, "Queue a directory for the NAS")
  .annotate(
    OpenApi.Description,
    "A project's own files or a run, after the gate. What was synced before is brought up to date; a job that " +
      "is on its way already is the answer as it is. Hard findings refuse it, and `details` tells of the first.",
  )

const steered = <const Name extends "retry" | "pause" | "resume">(
  name: Name,
  summary: string,
  description = "A job that isn't in a state for that is refused, and left alone.",
) =>
  HttpApiEndpoint.post(name, `/sync/jobs/:id/${name}`)
    .setPath(JobPath)
    .addSuccess(JobView)
    .addError(NotFound)
    .addError(Refused)
    .annotate(OpenApi.Summary, summary)
    .annotate(OpenApi.Description, description)

const verify = HttpApiEndpoint.post("verify", "/sync/verify")
  .setPayload(PathBody)
  .addSuccess(VerifyReport.annotations({ identifier: "VerifyReport", examples: [examples.verified] }))
  .addError(NotFound)
  .addError(Refused)
  .annotate(OpenApi.Summary, "Compare a directory with its copy, byte for byte")
  .annotate(OpenApi.Description, "Answers when everything was read on both sides. Changes neither.")

const revalidate = HttpApiEndpoint.post("revalidate", "/runs/revalidate")
  .setPayload(PathBody)
  .addSuccess(Verdict)
  .addError(NotFound)
  .addError(Refused)
  .annotate(OpenApi.Summary, "Look at a directory again; queue it if nothing keeps it here")

/** The sync to the NAS. */
export class SyncApi extends HttpApiGroup.make("sync")
  .add(jobs)
  .add(job)
  .add(enqueue)
  .add(
    steered(
      "retry",
      "Begin a failed job anew, or let one that waits go on at once",
      "A failed one passes the gate first: hard findings refuse it as they do when it is queued. Others are left alone.",
    ),
  )
  .add(steered("pause", "Stop a job until it is resumed"))
  .add(steered("resume", "Let a paused job go on where it was"))
  .add(verify)
  .add(revalidate) {}
