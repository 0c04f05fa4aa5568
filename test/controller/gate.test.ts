import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { CreationController } from "../../src/controller/CreationController.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { inWorld } from "../support/world.ts"
import { create, issuesOf, makeProject, refused, refusalOf, writeFiles } from "./gateWorld.ts"

const plugins = { batches: { moves: [], requiredVariables: ["batch"], optionalVariables: ["remark"] } }

/** A template that wants something at every stage. */
const demanding = {
  "templates/demanding/template.yaml": `
name: demanding
version: "1"
type: run
run_scope: test
plugins: [batches]
questions:
  stain: { type: choice, options: [DAPI, GFP], required: true }
  slides: { type: integer, required: true }
  slide_name: { type: string, pattern: "^S-[0-9]+$" }
readme:
  fields:
    - { id: room, label: Room, type: string, required: true }
    - { id: cells, label: Cells, type: integer, required: true }
`,
  "templates/demanding/notes.txt.hbs": "{{stain}} {{batch}}\n",
}

const settings = {
  operators: { allowlist: ["asmith"] },
  readme: { defaults: [{ id: "grant", label: "Grant", type: "string", required: true }] },
  disk: { minFreeMib: Number.MAX_SAFE_INTEGER },
} as const

/** What is mended at each stage, and what the next one then finds: all of it, and nothing of a later one. */
const stages = [
  {
    stage: "0: shape",
    mend: {},
    finds: [
      "variables.note validation_failed",
      "readme_extra validation_failed",
      "request_id validation_failed",
    ],
  },
  {
    stage: "1: mode",
    mend: { variables: {}, readmeExtra: {}, requestId: null },
    finds: ["run_kind mode_mismatch"],
  },
  {
    stage: "2: names",
    mend: { runKind: "test" },
    finds: [
      "equipment_id equipment_id_invalid",
      "project_short_id unsafe_project_name",
      "project_short_id unsafe_project_name",
      "lims_project.short_id validation_failed",
    ],
  },
  {
    stage: "2: what is there",
    mend: { equipmentId: "DEMO_01", projectShortId: "P-1" },
    finds: ["lims_project.short_id validation_failed", "project_short_id project_not_found"],
  },
  {
    stage: "3: core fields",
    mend: { projectShortId: "{{sample}}", limsProject: null },
    finds: [
      "label validation_failed",
      "operator validation_failed",
      "objective field_too_long",
      "run_date validation_failed",
    ],
  },
  {
    stage: "4: questions",
    mend: {
      label: "First look",
      operator: "asmith",
      objective: "Cells",
      runDate: "2026-04-17T14:32:00",
      variables: { slides: 1.5, slide_name: "x", run_name: "mine", unheard_of: 1 },
    },
    finds: [
      "variables.run_name validation_failed",
      "variables.unheard_of validation_failed",
      "variables.stain validation_failed",
      "variables.slides validation_failed",
      "variables.slide_name validation_failed",
    ],
  },
  {
    stage: "5: README",
    mend: { variables: { stain: "DAPI", slides: 2 }, readmeExtra: { cells: "many", label: "no" } },
    finds: [
      "readme_extra.room validation_failed",
      "readme_extra.cells validation_failed",
      "readme_extra.grant validation_failed",
      "readme_extra.label validation_failed",
    ],
  },
  {
    stage: "6: plugins",
    mend: { readmeExtra: { room: "B12", cells: 3, grant: "G" } },
    finds: ["variables plugin_variable_validation_failed"],
  },
  {
    stage: "7: path",
    mend: { variables: { stain: "DAPI", slides: 2, batch: "B-1", remark: { deep: [1] } } },
    finds: ["project_short_id validation_failed"],
  },
  {
    stage: "8: destination",
    mend: { projectShortId: "PROJ-0042" },
    finds: ["destination destination_exists", "destination disk_space_insufficient"],
  },
] as const

const wrongEverywhere: object = {
  ...runRequest({
    templatePath: "demanding",
    runKind: "experimental",
    equipmentId: "demo",
    projectShortId: ".con:",
    label: " ",
    operator: "mallory",
    objective: "x".repeat(2001),
    runDate: "yesterday",
  }),
  limsProject: { uid: "", shortId: "PROJ-9", nameAtCreation: "", source: "live" },
  variables: { note: "\u0000" },
  readmeExtra: [],
  requestId: 5,
}

describe("the gate", () => {
  it.effect("tells every problem of the first stage that has any, and none of a later one", () =>
    inWorld({ plugins, settings }, (root) =>
      Effect.gen(function* () {
        yield* writeFiles(root, demanding)
        yield* makeProject(root, "PROJ-0042")
        yield* makeProject(root, "{{sample}}")
        yield* writeFiles(root, {
          "local/DEMO_01/PROJ-0042/TestRuns/TestRun_2026-04-17T14-32-00/old.txt": "was here first",
        })
        let request = wrongEverywhere
        for (const { finds, mend, stage } of stages) {
          request = { ...request, ...mend }
          expect([stage, ...(yield* refused(root, request))]).toEqual([stage, ...finds])
        }
      }),
    ),
  )
})
