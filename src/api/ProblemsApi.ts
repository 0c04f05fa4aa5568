import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Finding, Rule, Tier } from "../domain/Finding.ts"
import { wireStruct } from "../domain/wire.ts"
import { NotFound, Refused, Unavailable } from "./ApiError.ts"
import { withOptionalBody } from "./openApiDocument.ts"
import { oneOf, pageLimit } from "./parameters.ts"
import * as examples from "./problemExamples.ts"
import { OverrideBody, Reviewed, RevokeBody } from "./reviews.ts"

const boardFields = {
  /** When the last pass began; null before the first one is over. */
  at: Schema.NullOr(Schema.DateTimeUtc),
  /** Counts the passes since the start. */
  pass: Schema.Int,
  /** Projects and runs that are there. */
  directories: Schema.Int,
  /** How many of them the last pass looked into: the others hadn't changed. */
  examined: Schema.Int,
  counts: Schema.Struct({ hard: Schema.Int, soft: Schema.Int }),
  /** Why the last pass broke off; null when it didn't. */
  problem: Schema.NullOr(Schema.String),
}

/** How the list of problems stands. */
export const BoardView = wireStruct(boardFields).annotations({
  identifier: "ProblemsStanding",
  examples: [examples.refreshed],
})

const ProblemsPage = wireStruct({
  ...boardFields,
  /** How many findings the query has, on all its pages. */
  total: Schema.Int,
  /** Hard ones first, then by path. */
  findings: Schema.Array(Finding),
  nextCursor: Schema.NullOr(Schema.String),
}).annotations({ identifier: "ProblemsPage", examples: [examples.page] })

export const RefreshBody = wireStruct({
  /** Whether contents that were edited in place are looked for, too. */
  full: Schema.optionalWith(Schema.Boolean, { default: () => false }),
}).annotations({ identifier: "RefreshProblems", examples: [examples.refresh] })

const ListParams = Schema.Struct({
  /** The path of an equipment, a project or a run, absolute or below the local root. Left out: everything. */
  scope: Schema.optionalWith(Schema.String, { exact: true }),
  tier: oneOf(Tier),
  rule: oneOf(Rule),
  limit: pageLimit,
  cursor: Schema.optionalWith(Schema.String, { exact: true }),
})
export type ProblemsQuery = typeof ListParams.Type

const list = HttpApiEndpoint.get("list", "/problems")
  .setUrlParams(ListParams)
  .addSuccess(ProblemsPage)
  .addError(NotFound)
  .annotate(OpenApi.Summary, "What is wrong with directories that stand, in pages")
  .annotate(
    OpenApi.Description,
    "What the last pass of the audit in the background found. `at` says when that was, and `pass` is 0 before the " +
      "first one is over.",
  )

const refresh = HttpApiEndpoint.post("refresh", "/problems/refresh")
  .setPayload(RefreshBody)
  .addSuccess(BoardView)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Look at everything again, now")
  .annotate(OpenApi.Transform, withOptionalBody)
  .annotate(
    OpenApi.Description,
    "Answers when a pass is over that began after the request. A quick one sees what times of directories and " +
      "records show; with `full` edits of contents in place, too.",
  )

const events = HttpApiEndpoint.get("events", "/problems/events")
  .addSuccess(
    HttpApiSchema.Text({ contentType: "text/event-stream" }).annotations({ examples: [examples.events] }),
  )
  .annotate(OpenApi.Summary, "The list of problems, and how it changes")
  .annotate(
    OpenApi.Description,
    "Server-sent events: a `snapshot`, then a `delta` after each pass that changed something; of a long list the rest " +
      "follows in deltas. Whoever connects again begins with a snapshot. An upgrade to WebSocket gets the same frames.",
  )

const override = HttpApiEndpoint.post("override", "/problems/override")
  .setPayload(OverrideBody)
  .addSuccess(Reviewed)
  .addError(NotFound)
  .addError(Refused)
  .annotate(OpenApi.Summary, "Overrule a rule for one directory, on record")

const revoke = HttpApiEndpoint.post("revoke", "/problems/override/revoke")
  .setPayload(RevokeBody)
  .addSuccess(Reviewed)
  .addError(NotFound)
  .addError(Refused)
  .annotate(OpenApi.Summary, "Take an override back; what is synced stays so")

/** What is wrong with directories that stand, and who overrules it. */
export class ProblemsApi extends HttpApiGroup.make("problems")
  .add(list)
  .add(refresh)
  .add(events)
  .add(override)
  .add(revoke) {}
