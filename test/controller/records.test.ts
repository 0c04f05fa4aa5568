import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, Option, Schema, TestClock } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { Accepted } from "../../src/controller/gate.ts"
import { creationRecord } from "../../src/controller/records.ts"
import { CreationRecord } from "../../src/domain/CreationRecord.ts"
import { projectDestination } from "../../src/domain/Destination.ts"
import type { PluginApplied } from "../../src/domain/Plugin.ts"
import { SessionId } from "../../src/domain/Session.ts"
import { openEntry } from "../../src/domain/SessionEntry.ts"
import { withDefaults } from "../../layers/EmbeddedSettings.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { inWorld, until } from "../support/world.ts"
import { create, writeFiles } from "./gateWorld.ts"

const settings = {
  equipment: [{ id: "CONFOCAL_01", label: "Confocal 1", nasRoot: "/nas/confocal/" }],
  orchestrator: { enabled: true, host: "labpc-04", label: "Lab 4" },
  readme: { defaults: [{ id: "grant", label: "Grant", type: "string", required: true }] },
  timeZone: "Europe/Berlin",
} as const

const slide = { id: "slide", label: "Slide", type: "integer", required: true } as const
const plugins = {
  asks: { moves: [{ do: "ask", reason: "which slide?", fields: [slide] }], requiredVariables: ["batch"] },
  writes: { moves: [{ do: "write", path: "made.csv", content: "1\n" }] },
  fails: { moves: [{ do: "fail", reason: "no colours left" }] },
} as const

const templates = {
  "templates/imaging_project/template.yaml": `name: imaging_project\nversion: "2.1"\ntype: project\n`,
  "templates/imaging_project/notes.txt.hbs": "{{label}}\n",
  "templates/imaging_run/template.yaml": `
name: imaging_run
version: "7"
type: run
run_scope: both
plugins: [asks, writes, fails]
questions:
  stain: { type: choice, options: [DAPI, GFP], default: DAPI }
  slides: { type: integer }
  dry: { type: boolean }
readme:
  fields: [{ id: room, label: Room, type: string, required: true }]
`,
  "templates/imaging_run/notes.txt.hbs": "{{stain}}\n",
  "templates/quick_test/template.yaml": `name: quick_test\nversion: "1"\ntype: run\nrun_scope: test\n`,
}

/** A world whose clock stands at an afternoon in April. */
const inApril = <A, E, R>(body: (root: string) => Effect.Effect<A, E, R>) =>
  Effect.zipRight(
    TestClock.setTime(Date.UTC(2026, 3, 17, 14, 32, 5, 678)),
    inWorld({ plugins, settings }, (root) => Effect.zipRight(writeFiles(root, templates), body(root))),
  )

const finish = (request: object) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const { sessionId } = yield* create(request)
    const result = yield* controller.awaitResult(sessionId)
    const text = readFileSync(join(result.path, ".exlab-wizard", "creation.json"), "utf8")
    const record = JSON.parse(text) as Record<string, unknown>
    return { sessionId, result, text, record }
  })

const digestIn = (record: Record<string, unknown>): unknown =>
  (record["provenance"] as Record<string, unknown>)["template_digest"]

/** What a later check rests on: all that the template was rendered with, and what the other records held. */
const checkable = (
  {
    label,
    objective,
    operator,
  }: { readonly label: string; readonly objective: string; readonly operator: string },
  folder: string,
  run: { readonly run_kind: string; readonly run_name: string; readonly run_date: string },
  pluginVariables: ReadonlyArray<string> = [],
) => {
  const digest = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder, ".exlab-wizard", name)))
      .digest("hex")
  return {
    rendering: {
      variables: {
        label: label.trim(),
        operator: operator.trim(),
        objective,
        equipment_id: "CONFOCAL_01",
        equipment_label: "Confocal 1",
        project_short_id: "PROJ-0042",
        project_name: "Mitochondria in motion",
        ...run,
        created_at: "2026-04-17T14:32:05.678Z",
      },
      time_zone: "Europe/Berlin",
      plugin_variables: pluginVariables,
    },
    records: { readme_fields: digest("readme_fields.json"), files: digest("files.json") },
  }
}

const asText = (record: object): string => `${JSON.stringify(record, null, 2)}\n`

/** Where a strict reader finds null: it takes none but the freshness of a cache. What is the lab's own may hold any. */
const nullsIn = (value: unknown, path = ""): ReadonlyArray<string> => {
  if (value === null) return [path]
  if (typeof value !== "object" || path === ".variables" || path === ".provenance") return []
  return Object.entries(value).flatMap(([key, item]) => nullsIn(item, `${path}.${key}`))
}

const project = projectRequest({
  equipmentId: "CONFOCAL_01",
  templatePath: "imaging_project",
  label: " Mitochondria in motion ",
  operator: " asmith ",
  requestId: "form-7",
  readmeExtra: { grant: "G-1", weather: "rain" },
})

const run = runRequest({
  equipmentId: "CONFOCAL_01",
  templatePath: "imaging_run",
  runDate: "2026-04-16T09:00:00",
  readmeExtra: { grant: "G-1", room: "B12" },
  variables: { batch: { id: "B-1", plates: [1, null] }, slides: 3 },
})

const shared = (root: string) => ({
  lims_project: {
    uid: "b1f0",
    short_id: "PROJ-0042",
    name_at_creation: "Mitochondria in motion",
    source: "live",
    cache_freshness_at_use: null,
  },
  orchestrator: { enabled: true, host: "labpc-04", label: "Lab 4", equipment_label: "Confocal 1" },
  folder: `${root}/local/CONFOCAL_01/PROJ-0042`,
})

describe("creation.json", () => {
  it.effect("of a project is this, field by field", () =>
    inApril((root) =>
      Effect.gen(function* () {
        const { folder, lims_project, orchestrator } = shared(root)
        const { record, sessionId, text } = yield* finish(project)
        expect(digestIn(record)).toMatch(/^[0-9a-f]{64}$/)
        const expected = {
          schema_version: "1.9",
          created_at: "2026-04-17T14:32:05Z",
          created_by: "asmith",
          level: "project",
          run_kind: "experimental",
          lims_project,
          template: {
            name: "imaging_project",
            version: "2.1",
            source_path: `${root}/templates/imaging_project`,
            run_scope: "both",
          },
          variables: {},
          plugins_applied: [],
          paths: { local: folder, nas: "/nas/confocal/PROJ-0042" },
          orchestrator,
          required_readme_field_ids: ["grant"],
          provenance: {
            session_id: sessionId,
            request_id: "form-7",
            template_digest: digestIn(record),
            template_origin: "global",
            ...checkable(project, folder, {
              run_kind: "experimental",
              run_name: "",
              run_date: "2026-04-17T16:32:05.678+02:00",
            }),
            plugins: [],
          },
          sync_status: "pending",
          validation_overrides: [],
        }
        expect(text).toBe(asText(expected))
        expect(nullsIn(record)).toEqual([".lims_project.cache_freshness_at_use"])
      }),
    ),
  )

  it.effect("of an experimental run holds its answers, its plugins, and who told them what when", () =>
    inApril((root) =>
      Effect.gen(function* () {
        yield* finish(project)
        const { folder, lims_project, orchestrator } = shared(root)
        const controller = yield* CreationController
        const { sessionId } = yield* controller.createRun(run)
        const waiting = Effect.map(controller.status(sessionId), ({ pendingInput }) => pendingInput !== null)
        yield* until("a prompt", waiting)
        const prompt = (yield* controller.status(sessionId)).pendingInput
        yield* TestClock.adjust("70 seconds")
        yield* controller.resume(sessionId, { slide: 4 }, { answeredBy: "bjones" })
        const result = yield* controller.awaitResult(sessionId)
        const text = readFileSync(join(result.path, ".exlab-wizard", "creation.json"), "utf8")
        const record = JSON.parse(text) as Record<string, unknown>
        const answer = {
          prompt_id: prompt?.promptId,
          inputs: { slide: 4 },
          answered_by: "bjones",
          answered_at: "2026-04-17T14:33:15.678Z",
        }
        const expected = {
          schema_version: "1.9",
          created_at: "2026-04-17T14:32:05Z",
          created_by: "asmith",
          level: "run",
          run_kind: "experimental",
          lims_project,
          template: {
            name: "imaging_run",
            version: "7",
            source_path: `${root}/templates/imaging_run`,
            run_scope: "both",
          },
          variables: { stain: "DAPI", slides: 3, dry: false, batch: { id: "B-1", plates: [1, null] } },
          plugins_applied: [
            { plugin: "asks", version: "0", files_affected: [], status: "success" },
            { plugin: "writes", version: "0", files_affected: ["made.csv"], status: "success" },
            { plugin: "fails", version: "0", files_affected: [], status: "failed" },
          ],
          paths: {
            local: `${folder}/Runs/Run_2026-04-16T09-00-00`,
            nas: "/nas/confocal/PROJ-0042/Runs/Run_2026-04-16T09-00-00",
          },
          orchestrator,
          required_readme_field_ids: ["room", "grant"],
          provenance: {
            session_id: sessionId,
            request_id: null,
            template_digest: digestIn(record),
            template_origin: "global",
            ...checkable(
              run,
              result.path,
              {
                run_kind: "experimental",
                run_name: "Run_2026-04-16T09-00-00",
                run_date: "2026-04-16T09:00:00.000+02:00",
              },
              ["batch"],
            ),
            plugins: [
              { plugin: "asks", answers: [answer] },
              { plugin: "writes", answers: [] },
              { plugin: "fails", reason: "no colours left", answers: [] },
            ],
          },
          sync_status: "pending",
          validation_overrides: [],
        }
        expect(text).toBe(asText(expected))
        expect(nullsIn(record)).toEqual([".lims_project.cache_freshness_at_use"])
      }),
    ),
  )

  it.effect("of a test run says so everywhere", () =>
    inApril((root) =>
      Effect.gen(function* () {
        yield* finish(project)
        const { folder, lims_project, orchestrator } = shared(root)
        const request = { ...run, templatePath: "quick_test", runKind: "test", variables: {}, runDate: null }
        const { record, result, sessionId, text } = yield* finish({
          ...request,
          limsProject: {
            ...project.limsProject,
            cacheFreshnessAtUse: "2026-04-17T12:00:00Z",
            source: "cache",
          },
        })
        const expected = {
          schema_version: "1.9",
          created_at: "2026-04-17T14:32:05Z",
          created_by: "asmith",
          level: "run",
          run_kind: "test",
          lims_project: { ...lims_project, source: "cache", cache_freshness_at_use: "2026-04-17T12:00:00Z" },
          template: {
            name: "quick_test",
            version: "1",
            source_path: `${root}/templates/quick_test`,
            run_scope: "test",
          },
          variables: {},
          plugins_applied: [],
          paths: {
            local: `${folder}/TestRuns/TestRun_2026-04-17T16-32-05`,
            nas: "/nas/confocal/PROJ-0042/TestRuns/TestRun_2026-04-17T16-32-05",
          },
          orchestrator,
          required_readme_field_ids: ["grant"],
          provenance: {
            session_id: sessionId,
            request_id: null,
            template_digest: digestIn(record),
            template_origin: "global",
            ...checkable(run, result.path, {
              run_kind: "test",
              run_name: "TestRun_2026-04-17T16-32-05",
              run_date: "2026-04-17T16:32:05.678+02:00",
            }),
            plugins: [],
          },
          sync_status: "pending",
          validation_overrides: [],
        }
        expect(text).toBe(asText(expected))
        expect(nullsIn(record)).toEqual([])
      }),
    ),
  )
})

/** What the gate might have let through, below a local and a NAS root. */
const acceptedBelow = (localRoot: string, nasRoot: string): Accepted => {
  const createdAt = DateTime.unsafeMake("2026-04-17T14:32:05.678Z")
  const id = SessionId.make("0b5a3c1e-7d2f-4a68-9c4b-1e2d3f4a5b6c")
  const request = projectRequest()
  const { label, limsProject, objective, operator } = request
  const core = { label, objective, operator }
  return {
    session: openEntry(id, "project", request, 1, createdAt).session,
    core,
    equipment: { id: "CONFOCAL_01", label: "Confocal 1", nasRoot },
    place: {
      destination: projectDestination(localRoot, "CONFOCAL_01", "PROJ-0042"),
      lims: limsProject,
      limsAssumed: false,
      recordProblem: Option.none(),
      builtIn: {
        ...core,
        equipment_id: "CONFOCAL_01",
        equipment_label: "Confocal 1",
        project_short_id: "PROJ-0042",
        project_name: limsProject.nameAtCreation,
        run_kind: "experimental",
        run_name: "",
        run_date: DateTime.formatIso(createdAt),
        created_at: DateTime.formatIso(createdAt),
      },
    },
    template: {
      manifest: { name: "imaging", version: "1", type: "project" },
      root: "/templates/imaging",
      origin: "equipment",
      digest: "d".repeat(64),
      plugins: [],
    },
    answers: {},
    pluginVariables: [],
    readme: { templateFields: {}, configFields: {}, customFields: [], requiredIds: [] },
  }
}

const wire = Schema.encodeSync(CreationRecord)

describe("a record", () => {
  const written = (accepted: Accepted, applied: ReadonlyArray<PluginApplied> = []) =>
    wire(
      creationRecord(accepted, applied, { readmeFields: "", files: "" }, "pending", withDefaults(settings)),
    )

  it("says where the directory will be on the NAS, or nothing", () => {
    const roots: ReadonlyArray<readonly [string, string, string]> = [
      ["/data", "", ""],
      ["/data", "/nas/confocal", "/nas/confocal/PROJ-0042"],
      ["/data/", "/nas/confocal//", "/nas/confocal/PROJ-0042"],
      ["/", "/", "/PROJ-0042"],
      ["/data/CONFOCAL_01", "sftp://nas.example/lab", "sftp://nas.example/lab/PROJ-0042"],
    ]
    for (const [localRoot, nasRoot, nas] of roots) {
      expect(written(acceptedBelow(localRoot, nasRoot)).paths.nas).toBe(nas)
    }
  })

  it("has whole numbers about a plugin's process, or no block; what else is known stands in provenance", () => {
    const plugin = { version: "1.0", filesAffected: [], answers: [] }
    const isolation = { durationMs: 412, exitCode: 124, peakMemoryMb: 38 }
    const { plugins_applied, provenance } = written(acceptedBelow("/data", ""), [
      {
        ...plugin,
        plugin: "slow",
        status: "timeout",
        isolation,
        facts: { tier: "bubblewrap", error: "too slow" },
      },
      { ...plugin, plugin: "absent", status: "skipped", facts: {} },
    ])
    expect(plugins_applied).toEqual([
      {
        plugin: "slow",
        version: "1.0",
        files_affected: [],
        status: "timeout",
        isolation: { duration_ms: 412, exit_code: 124, peak_memory_mb: 38 },
      },
      { plugin: "absent", version: "1.0", files_affected: [], status: "skipped" },
    ])
    expect(provenance).toMatchObject({
      template_origin: "equipment",
      plugins: [
        { plugin: "slow", tier: "bubblewrap", error: "too slow", answers: [] },
        { plugin: "absent", answers: [] },
      ],
    })
  })
})
