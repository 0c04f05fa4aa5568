import type { RunDetails } from "../domain/RunDetails.ts"
import type { TreePage } from "../domain/Tree.ts"
import { job, progress, verdict } from "./syncExamples.ts"

/** What the document of the contract shows of directories: one run, and the way there. */

const modifiedAt = "2026-03-14T09:26:53.000Z"
const runs = "CONFOCAL_01/PROJ-0042/Runs"

const equipment: TreePage = {
  path: "",
  kind: "root",
  entries: [
    {
      name: "CONFOCAL_01",
      path: "CONFOCAL_01",
      kind: "equipment",
      size: null,
      modifiedAt,
      equipment: { label: "Confocal, room 2", registered: true },
    },
    {
      name: "old_confocal",
      path: "old_confocal",
      kind: "equipment",
      size: null,
      modifiedAt,
      equipment: { label: "", registered: false },
    },
  ],
  nextCursor: null,
}

const project: TreePage = {
  path: "CONFOCAL_01/PROJ-0042",
  kind: "project",
  entries: [
    {
      name: "Run_2026-03-14T10-26-53",
      path: `${runs}/Run_2026-03-14T10-26-53`,
      kind: "run",
      size: null,
      modifiedAt,
      record: {
        label: "Cell cycle, first try",
        runKind: "experimental",
        syncStatus: "pending",
        createdAt: "2026-03-14T09:26:53Z",
        problem: null,
      },
    },
    {
      name: "README.md",
      path: "CONFOCAL_01/PROJ-0042/README.md",
      kind: "file",
      size: 812,
      modifiedAt,
    },
  ],
  nextCursor: "WzIsIlJFQURNRS5tZCJd",
}

export const treePages = [equipment, project] as const

const path = verdict.path

const lims = {
  uid: "b1f0",
  shortId: "PROJ-0042",
  nameAtCreation: "Mitochondria",
  source: "live",
  cacheFreshnessAtUse: null,
} as const

const record: RunDetails["record"] = {
  schemaVersion: "1.9",
  createdAt: "2026-03-14T09:26:53Z",
  createdBy: "asmith",
  level: "run",
  runKind: "experimental",
  limsProject: lims,
  template: { name: "confocal_run", version: "1.0", sourcePath: "/templates/confocal_run", runScope: "both" },
  variables: { sample: "S-17", channels: 2 },
  pluginsApplied: [],
  paths: { local: path, nas: "" },
  orchestrator: { enabled: false, host: "labpc-04", label: "", equipmentLabel: "" },
  requiredReadmeFieldIds: [],
  provenance: {},
  syncStatus: "pending",
  validationOverrides: [
    {
      id: "ovr-1",
      problemClass: "unresolved_placeholder_token",
      revokes: "",
      operator: "asmith",
      recordedAt: "2026-03-15T08:00:00.000Z",
      reason: "The braces are what the protocol is about",
      revoked: false,
    },
  ],
}

export const runDetails: RunDetails = {
  path,
  level: "run",
  equipmentId: "CONFOCAL_01",
  project: "PROJ-0042",
  runKind: "experimental",
  record,
  readme: {
    schemaVersion: "1.1",
    generatedAt: "2026-03-14T09:26:53Z",
    coreFields: {
      label: "Cell cycle, first try",
      operator: "asmith",
      objective: "Follow single mitochondria through a cell cycle",
    },
    templateFields: {},
    configFields: {},
    customFields: [],
    systemFields: {},
    body: "",
  },
  findings: verdict.findings,
  blocked: false,
  overrides: {
    overrides: [
      {
        id: "ovr-1",
        problemClass: "unresolved_placeholder_token",
        operator: "asmith",
        recordedAt: "2026-03-15T08:00:00.000Z",
        reason: "The braces are what the protocol is about",
        expiresAt: null,
        state: "active",
        revocations: [],
      },
    ],
    dangling: [],
  },
  syncJob: job,
  syncProgress: progress,
  sizes: { files: 218, directories: 6, others: 0, bytes: 8_589_951_004, complete: true },
  problems: [],
}
