import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { SessionKind } from "../domain/CreateRequest.ts"
import { JsonObject } from "../domain/Json.ts"
import { SessionId } from "../domain/Session.ts"
import { Phase, SessionState } from "../domain/SessionState.ts"
import { wireStruct } from "../domain/wire.ts"
import { Unavailable } from "./ApiError.ts"
import * as examples from "./examples.ts"
import { LiveJob } from "./SyncApi.ts"

export const HealthStatus = Schema.Literal("ok", "warn", "error")
export type HealthStatus = typeof HealthStatus.Type

export const ComponentHealth = wireStruct({
  status: HealthStatus,
  /** What is wrong; empty when nothing is. */
  message: Schema.String,
  /** Since when it has been so. */
  since: Schema.DateTimeUtc,
  details: JsonObject,
}).annotations({ identifier: "ComponentHealth" })
export type ComponentHealth = typeof ComponentHealth.Type

const Health = wireStruct({
  /** The worst of the components. */
  status: HealthStatus,
  version: Schema.String,
  /** By record: the version that this service writes. */
  schemaVersions: Schema.Record({ key: Schema.String, value: Schema.String }),
  components: Schema.Record({ key: Schema.String, value: ComponentHealth }),
}).annotations({ identifier: "Health", examples: [examples.health] })

/** A session that hasn't ended. */
export const RunningSession = wireStruct({
  sessionId: SessionId,
  kind: SessionKind,
  state: SessionState,
  currentPhase: Schema.NullOr(Phase),
  createdAt: Schema.DateTimeUtc,
}).annotations({ identifier: "RunningSession" })
export type RunningSession = typeof RunningSession.Type

const Operations = wireStruct({
  sessions: Schema.Array(RunningSession),
  /** At most 1,000, oldest first; `/sync/jobs` has all. */
  syncJobs: Schema.Array(LiveJob),
}).annotations({ identifier: "Operations", examples: [examples.operations] })

const health = HttpApiEndpoint.get("health", "/health")
  .addSuccess(Health)
  .annotate(OpenApi.Summary, "How the service and its parts are; always 200")

const Ready = Schema.Struct({ status: Schema.Literal("ready") }).annotations({
  identifier: "Ready",
  examples: [{ status: "ready" }],
})

const ready = HttpApiEndpoint.get("ready", "/ready")
  .addSuccess(Ready)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Whether requests are taken")

const operations = HttpApiEndpoint.get("operations", "/operations")
  .addSuccess(Operations)
  .annotate(OpenApi.Summary, "What is in flight")

const metrics = HttpApiEndpoint.get("metrics", "/metrics")
  .addSuccess(
    HttpApiSchema.Text({ contentType: "text/plain; version=0.0.4" }).annotations({
      examples: [examples.metrics],
    }),
  )
  .annotate(OpenApi.Summary, "Figures in Prometheus' text format")

/** The service itself. */
export class SystemApi extends HttpApiGroup.make("system")
  .add(health)
  .add(ready)
  .add(operations)
  .add(metrics) {}
