import type { HealthStatus } from "../../src/api/SystemApi.ts"
import type { JsonObject } from "../../src/domain/Json.ts"

/** How one part of the service is just now. */
export interface Finding {
  readonly status: HealthStatus
  readonly message: string
  readonly details: JsonObject
}

export const sound = (details: JsonObject = {}): Finding => ({ status: "ok", message: "", details })
