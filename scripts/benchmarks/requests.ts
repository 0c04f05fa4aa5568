import type { ProjectCreateRequest, RunCreateRequest } from "../../src/domain/CreateRequest.ts"
import type { JsonObject } from "../../src/domain/Json.ts"

const common = {
  equipmentId: "DEMO_01",
  operator: "asmith",
  objective: "Follow single mitochondria through a cell cycle",
}

/** The n-th project. */
export const projectRequest = (
  templatePath: string,
  n: number,
  variables: JsonObject = {},
): ProjectCreateRequest => {
  const shortId = `PROJ-${String(n).padStart(6, "0")}`
  return {
    ...common,
    templatePath,
    limsProject: { uid: `b1f0-${n}`, shortId, nameAtCreation: `Mitochondria in motion ${n}`, source: "live" },
    variables,
    label: `Mitochondria in motion, part ${n}`,
  }
}

const firstRun = Date.UTC(2026, 0, 1)

/** The n-th run of a project: each a second after the other, since that is how their folders are named. */
export const runRequest = (
  templatePath: string,
  projectShortId: string,
  n: number,
  variables: JsonObject,
): RunCreateRequest => ({
  ...common,
  projectShortId,
  templatePath,
  runKind: "experimental",
  runDate: new Date(firstRun + n * 1000).toISOString(),
  variables,
  label: `Time series ${n}`,
})
