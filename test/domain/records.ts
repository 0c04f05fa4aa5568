import { FastCheck as fc } from "effect"
import type { CreationRecord } from "../../src/domain/CreationRecord.ts"
import type { JsonObject } from "../../src/domain/Json.ts"

/** A whole record as this service makes it. */
export const creationRecord: CreationRecord = {
  schemaVersion: "1.9",
  createdAt: "2026-04-17T14:32:00Z",
  createdBy: "asmith",
  level: "run",
  runKind: "experimental",
  limsProject: {
    uid: "",
    shortId: "PROJ-0042",
    nameAtCreation: "Cell cycle",
    source: "live",
    cacheFreshnessAtUse: null,
  },
  template: { name: "confocal_run", version: "2.1", sourcePath: "/templates/confocal_run", runScope: "both" },
  variables: { sample_type: "Fixed tissue" },
  pluginsApplied: [
    {
      plugin: "csv-header",
      version: "1.0",
      filesAffected: ["data.csv"],
      status: "success",
      isolation: { durationMs: 412, exitCode: 0, peakMemoryMb: 38 },
    },
  ],
  paths: { local: "/data/CONFOCAL_01/PROJ-0042/Runs/Run_2026-04-17T14-32-00", nas: "" },
  orchestrator: { enabled: true, host: "labpc-04", label: "Lab 4", equipmentLabel: "Confocal 1" },
  requiredReadmeFieldIds: ["stain"],
  provenance: { session_id: "s-1" },
  syncStatus: "pending",
  validationOverrides: [],
}

/** The same on the wire. */
export const creationJson = {
  schema_version: "1.9",
  created_at: "2026-04-17T14:32:00Z",
  created_by: "asmith",
  level: "run",
  run_kind: "experimental",
  lims_project: {
    uid: "",
    short_id: "PROJ-0042",
    name_at_creation: "Cell cycle",
    source: "live",
    cache_freshness_at_use: null,
  },
  template: {
    name: "confocal_run",
    version: "2.1",
    source_path: "/templates/confocal_run",
    run_scope: "both",
  },
  variables: { sample_type: "Fixed tissue" },
  plugins_applied: [
    {
      plugin: "csv-header",
      version: "1.0",
      files_affected: ["data.csv"],
      status: "success",
      isolation: { duration_ms: 412, exit_code: 0, peak_memory_mb: 38 },
    },
  ],
  paths: { local: "/data/CONFOCAL_01/PROJ-0042/Runs/Run_2026-04-17T14-32-00", nas: "" },
  orchestrator: { enabled: true, host: "labpc-04", label: "Lab 4", equipment_label: "Confocal 1" },
  required_readme_field_ids: ["stain"],
  provenance: { session_id: "s-1" },
  sync_status: "pending",
  validation_overrides: [],
} satisfies JsonObject

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Keys and values that no reader of this service has a name for. */
export const strangers: fc.Arbitrary<JsonObject> = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(
          "x_new",
          "__proto__",
          "constructor",
          "Sync_Status",
          "sync_status ",
          'a"b',
          "10",
          "\u00e9\n",
        ),
        fc.string({ unit: "binary", maxLength: 6 }).map((key) => `x${key}`),
      ),
      fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => Object.fromEntries(pairs) as JsonObject)

/** How somebody else may have laid the file out. */
export const layouts: fc.Arbitrary<(value: unknown) => string> = fc.constantFrom(
  (value: unknown) => JSON.stringify(value),
  (value: unknown) => `${JSON.stringify(value, null, 2)}\n`,
  (value: unknown) => JSON.stringify(value, null, 4),
  (value: unknown) => `\n${JSON.stringify(value, null, "\t")}\n\n`,
  (value: unknown) => JSON.stringify(value, null, 2).replaceAll("\n", "\r\n"),
  (value: unknown) => JSON.stringify(value, null, " ").replaceAll(/\n */g, " "),
)
