import { HttpApiBuilder } from "@effect/platform"
import { Effect, Metric, Ref } from "effect"
import { Api } from "../../src/api/Api.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { schemaVersions } from "../../src/domain/CreationRecord.ts"
import { ShuttingDown } from "../../src/domain/Errors.ts"
import { toSnake } from "../../src/domain/wire.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"
import { SyncService } from "../../src/ports/SyncService.ts"
import { HealthReport, worst } from "../telemetry/HealthReport.ts"
import { prometheusText } from "../telemetry/prometheusText.ts"
import { countSessions } from "../telemetry/sessionCounts.ts"
import { countJobs } from "../telemetry/syncFigures.ts"
import { Draining } from "./Draining.ts"
import { enveloped } from "./envelopes.ts"
import { openSessions } from "./openSessions.ts"
import { liveJobs } from "./syncViews.ts"
import { version } from "./version.ts"

const writtenVersions = Object.fromEntries(
  Object.entries(schemaVersions).map(([record, written]) => [toSnake(record), written]),
)

export const layer = HttpApiBuilder.group(Api, "system", (handlers) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const health = yield* HealthReport
    const sync = yield* SyncService
    const count = Effect.zipRight(
      Effect.provideService(countSessions, SessionStore, yield* SessionStore),
      countJobs(sync),
    )
    const { isClosing } = yield* Draining
    return handlers
      .handle("health", () =>
        Effect.map(health.look, (components) => ({
          status: worst(Object.values(components).map(({ status }) => status)),
          version,
          schemaVersions: writtenVersions,
          components,
        })),
      )
      .handle("ready", () =>
        enveloped(
          Effect.flatMap(Ref.get(isClosing), (closing) =>
            closing ? new ShuttingDown() : Effect.succeed({ status: "ready" } as const),
          ),
        ),
      )
      .handle("operations", () =>
        enveloped(Effect.all({ sessions: openSessions(controller), syncJobs: liveJobs(sync) })),
      )
      .handle("metrics", () => Effect.map(Effect.zipRight(count, Metric.snapshot), prometheusText))
  }),
)
