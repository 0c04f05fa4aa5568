import { DateTime } from "effect"
import type { ProjectCreateRequest, RunCreateRequest } from "../domain/CreateRequest.ts"
import type { Preview } from "../domain/Preview.ts"
import { type AbortedResult, type SessionHandle, SessionId } from "../domain/Session.ts"
import { liveJob } from "./syncExamples.ts"

/** What the document of the contract shows of each operation: one lab, one project, one run. */

const sessionId = SessionId.make("5f0c2f7e-8f4a-4d0e-9a53-0b6f4f1c2d3e")
const createdAt = DateTime.unsafeMake("2026-03-14T09:26:53Z")

const asked = {
  equipmentId: "CONFOCAL_01",
  operator: "asmith",
  label: "Mitochondria in motion",
  objective: "Follow single mitochondria through a cell cycle",
}

export const project: ProjectCreateRequest = {
  ...asked,
  templatePath: "imaging_project",
  limsProject: {
    uid: "b1f0",
    shortId: "PROJ-0042",
    nameAtCreation: "Mitochondria",
    source: "live",
  },
  variables: { principal_investigator: "R. Levi", species: "Yeast" },
  requestId: "lims-4711",
}

export const run: RunCreateRequest = {
  ...asked,
  templatePath: "confocal_run",
  projectShortId: "PROJ-0042",
  runKind: "experimental",
  runDate: "2026-03-14T10:26:53+01:00",
  variables: { sample: "S-17", channels: 2 },
}

export const handle: SessionHandle = {
  sessionId,
  state: "rendering",
  currentPhase: "rendering_template",
  nextAction: "none",
}

export const resume = {
  extraInputs: { plate: "P-1" },
  promptId: "plate-reader-1",
  answeredBy: "asmith",
}

export const cancel = { discardFiles: true }

export const aborted: AbortedResult = { code: "cancelled", discarded: true }

export const session = {
  sessionId,
  requestId: "lims-4711",
  kind: "project",
  state: "done",
  request: {
    equipment_id: "CONFOCAL_01",
    template_path: "imaging_project",
    operator: "asmith",
    label: "Mitochondria in motion",
    objective: "Follow single mitochondria through a cell cycle",
    lims_project: { uid: "b1f0", short_id: "PROJ-0042", name_at_creation: "Mitochondria", source: "live" },
    variables: { principal_investigator: "R. Levi", species: "Yeast" },
    request_id: "lims-4711",
  },
  destination: "/data/lab/CONFOCAL_01/PROJ-0042",
  createdAt,
  lastHeartbeat: createdAt,
  currentPhase: "done",
  nextAction: "none",
  pendingInput: null,
  error: null,
  result: {
    path: "/data/lab/CONFOCAL_01/PROJ-0042",
    syncStatus: "pending",
    blocked: false,
    findings: [],
  },
} as const

export const page = { sessions: [session], nextCursor: null }

export const preview: Preview = {
  destination: "/data/lab/CONFOCAL_01/PROJ-0042",
  directories: ["raw", "analysis"],
  files: [
    { path: "notes.md", origin: "rendered", size: 412 },
    { path: "raw/layout.csv", origin: "copied", size: 96 },
  ],
  plugins: [{ name: "csv-header", files: ["raw/layout.csv"] }],
  text: "# Mitochondria in motion\n",
}

/** Two events of a stream, and the comment that keeps it open. */
export const events = `: open

id: 1
event: phase
data: {"kind":"phase","seq":1,"at":"2026-03-14T09:26:53.000Z","phase":"validating_inputs"}

id: 2
event: phase
data: {"kind":"phase","seq":2,"at":"2026-03-14T09:26:53.012Z","phase":"rendering_template"}

`

export const template = {
  name: "imaging_project",
  version: "1.0",
  type: "project",
  runScope: "both",
  description: "A project of microscopy",
  plugins: [],
  equipmentId: null,
} as const

export const templateDetails = {
  name: "imaging_project",
  manifest: {
    name: "imaging_project",
    version: "1.0",
    type: "project",
    questions: { species: { type: "string", label: "Species", required: true } },
  },
  questionsSchema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "imaging_project",
    type: "object",
    properties: { species: { type: "string", title: "Species" } },
    required: ["species"],
  },
} as const

export const equipment = { id: "CONFOCAL_01", label: "Confocal, room 2" }

export const plugins = {
  plugins: [
    {
      name: "csv-header",
      version: "1.0.0",
      source: "bundled",
      runtime: "node",
      description: "Gives tables without a header row one",
      tier: "os",
      matches: [".csv"],
      requiredVariables: ["csv_columns"],
      optionalVariables: ["csv_files"],
    },
  ],
  excluded: [{ name: "mine", source: "lab", reasons: ["manifest.yaml:3 entry is missing"] }],
  limitations: [],
} as const

export const health = {
  status: "ok",
  version: "0.1.0",
  schemaVersions: { creation: "1.9" },
  components: {
    templates: { status: "ok", message: "", since: createdAt, details: { usable: 4, unusable: [] } },
  },
} as const

export const operations = {
  sessions: [
    {
      sessionId,
      kind: "run",
      state: "input_required",
      currentPhase: "input_required",
      createdAt,
    },
  ],
  syncJobs: [liveJob],
} as const

export const metrics = `# HELP exlab_sessions Sessions that are remembered, by state.
# TYPE exlab_sessions gauge
exlab_sessions{state="done"} 1
`
