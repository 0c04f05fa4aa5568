import type { ProjectCreateRequest, RunCreateRequest } from "../../src/domain/CreateRequest.ts"

/** A project request that every assembly of the tests accepts; `over` changes what a test is about. */
export const projectRequest = (over: Partial<ProjectCreateRequest> = {}): ProjectCreateRequest => ({
  equipmentId: "DEMO_01",
  templatePath: "plain_project",
  limsProject: {
    uid: "b1f0",
    shortId: "PROJ-0042",
    nameAtCreation: "Mitochondria in motion",
    source: "live",
  },
  variables: {},
  label: "Mitochondria in motion",
  operator: "asmith",
  objective: "Follow single mitochondria through a cell cycle",
  ...over,
})

export const runRequest = (over: Partial<RunCreateRequest> = {}): RunCreateRequest => ({
  equipmentId: "DEMO_01",
  projectShortId: "PROJ-0042",
  templatePath: "plain_run",
  runKind: "experimental",
  variables: {},
  label: "First look",
  operator: "asmith",
  objective: "Find a cell that divides",
  ...over,
})
