import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../../src/api/Api.ts"
import { BoardView, RefreshBody } from "../../src/api/ProblemsApi.ts"
import { OverrideBody, Reviewed, RevokeBody } from "../../src/api/reviews.ts"
import { Problems } from "../../src/audit/Problems.ts"
import { ProblemWatch } from "../../src/audit/ProblemWatch.ts"
import { answeredAs } from "./answering.ts"
import { enveloped } from "./envelopes.ts"
import { followed } from "./eventStream.ts"
import { problemFrames } from "./problemFrames.ts"
import { boardView, problemsPage } from "./problemViews.ts"
import { readBody, readJsonIfAny } from "./requestBody.ts"

const refreshBody = readBody(RefreshBody, readJsonIfAny)
const overrideBody = readBody(OverrideBody)
const revokeBody = readBody(RevokeBody)

const refreshed = answeredAs(BoardView)
const reviewed = answeredAs(Reviewed)

export const layer = HttpApiBuilder.group(Api, "problems", (handlers) =>
  Effect.gen(function* () {
    const problems = yield* Problems
    const watch = yield* ProblemWatch
    return handlers
      .handle("list", ({ urlParams }) => enveloped(problemsPage(urlParams)))
      .handleRaw("refresh", ({ request }) =>
        refreshed(
          Effect.flatMap(refreshBody(request), ({ full }) =>
            Effect.map(watch.refresh(full ? "full" : "quick"), boardView),
          ),
        ),
      )
      .handleRaw("events", ({ request }) =>
        enveloped(Effect.flatMap(problemFrames, (frames) => followed(request, null, frames))),
      )
      .handleRaw("override", ({ request }) =>
        reviewed(Effect.flatMap(overrideBody(request), (asked) => problems.override(asked))),
      )
      .handleRaw("revoke", ({ request }) =>
        reviewed(Effect.flatMap(revokeBody(request), (asked) => problems.revoke(asked))),
      )
  }),
)
