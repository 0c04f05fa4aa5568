import type { Finding } from "../domain/Finding.ts"
import type { SyncJob, SyncJobChange, SyncProgress, VerifyReport } from "../domain/SyncJob.ts"

/** What the document of the contract shows of the sync: one run on its way to the NAS. */

const path = "/data/lab/CONFOCAL_01/PROJ-0042/Runs/Run_2026-03-14T10-26-53"

export const job: SyncJob = {
  id: "job_0mq1x2y3z5f0c2f7e",
  path,
  level: "run",
  equipmentId: "CONFOCAL_01",
  state: "running",
  attempt: 1,
  enqueuedAt: "2026-03-14T09:27:10.000Z",
  changedAt: "2026-03-14T09:27:12.000Z",
  notBefore: null,
  reason: "",
  files: 214,
  bytes: 8_589_934_592,
  verifyPasses: 0,
  verifiedAt: null,
}

const history: ReadonlyArray<SyncJobChange> = [
  { at: "2026-03-14T09:27:10.000Z", from: null, to: "queued", reason: "", attempt: 0, files: 0, bytes: 0 },
  {
    at: "2026-03-14T09:27:12.000Z",
    from: "queued",
    to: "running",
    reason: "",
    attempt: 1,
    files: 214,
    bytes: 8_589_934_592,
  },
]

export const progress: SyncProgress = {
  step: "transferring",
  bytes: 1_073_741_824,
  bytesTotal: 8_589_934_592,
  files: 27,
  filesTotal: 214,
  currentFile: "raw/frame_0028.tif",
  etaSeconds: 84,
}

export const liveJob = { ...job, progress }

export const jobDetails = { ...job, history, progress }

export const jobPage = { jobs: [job], nextCursor: null }

export const pathBody = { path: "CONFOCAL_01/PROJ-0042/Runs/Run_2026-03-14T10-26-53" }

export const verified: VerifyReport = {
  path,
  ok: false,
  remedy: "`exlab-wizard sync enqueue` has them copied again",
  files: 214,
  bytes: 8_589_934_592,
  missing: [],
  different: ["raw/frame_0003.tif"],
  unstable: [],
  skipped: [],
  extra: [],
}

const finding: Finding = {
  rule: "unresolved_placeholder_token",
  tier: "hard",
  runPath: path,
  offendingPath: `${path}/notes.md`,
  offendingKind: "file_content",
  matchedToken: "{{sample}}",
  ruleDetail: "the text still has {{sample}} in it",
  syncedUnderPriorPolicy: false,
  overrideActive: true,
  line: 3,
}

export const verdict = { path, blocked: false, syncStatus: "pending", findings: [finding] }

export const override = {
  ...pathBody,
  problemClass: "unresolved_placeholder_token",
  reason: "The braces are what the protocol is about",
  operator: "asmith",
  expiresAt: "2026-12-31T18:00:00Z",
}

const overrideId = "ovr_1"

export const revocation = { ...pathBody, overrideId, reason: "The notes were mended", operator: "asmith" }

export const reviewed = { id: overrideId, verdict }
