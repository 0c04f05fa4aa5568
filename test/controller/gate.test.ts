import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { projectRequest, runRequest } from "../support/requests.ts"
import { inWorld } from "../support/world.ts"
import { done, issuesOf, makeProject, refused, writeFiles } from "./gateWorld.ts"

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

  it.effect("may be asked the same again once everything is mended", () =>
    inWorld({ plugins, settings: { ...settings, disk: { minFreeMib: 1 } } }, (root) =>
      Effect.gen(function* () {
        yield* writeFiles(root, demanding)
        yield* makeProject(root, "PROJ-0042")
        const mended = stages.reduce((request, { mend }) => ({ ...request, ...mend }), wrongEverywhere)
        const { path } = yield* done(mended)
        expect(path).toBe(`${root}/local/DEMO_01/PROJ-0042/TestRuns/TestRun_2026-04-17T14-32-00`)
      }),
    ),
  )
})

describe("a template's mode", () => {
  it.effect("must be that of the request", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        for (const scope of ["experimental", "test"]) {
          yield* writeFiles(root, {
            [`templates/${scope}_only/template.yaml`]: `name: ${scope}_only\nversion: "1"\ntype: run\nrun_scope: ${scope}\n`,
          })
        }
        const asked = (templatePath: string, runKind: "experimental" | "test") =>
          issuesOf(root, runRequest({ templatePath, runKind }))
        expect(yield* asked("plain_project", "test")).toEqual([
          {
            field: "template_path",
            code: "mode_mismatch",
            message: "template plain_project makes a project, not a run",
          },
        ])
        expect(yield* refused(root, projectRequest({ templatePath: "plain_run" }))).toEqual([
          "template_path mode_mismatch",
        ])
        expect(yield* asked("experimental_only", "test")).toEqual([
          {
            field: "run_kind",
            code: "mode_mismatch",
            message: "template experimental_only serves experimental runs only",
          },
        ])
        expect((yield* asked("test_only", "experimental")).map(({ code }) => code)).toEqual(["mode_mismatch"])
        // Right, so the next stage speaks.
        expect((yield* asked("test_only", "test")).map(({ code }) => code)).toEqual(["project_not_found"])
      }),
    ),
  )
})

describe("core fields", () => {
  const shortId = (name: string) => ({ uid: "", shortId: name, nameAtCreation: "", source: "live" }) as const
  const limits = { label: 100, operator: 200, objective: 2000 } as const

  it.effect("have their lengths in characters as people count them, trimmed", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        for (const [field, most] of Object.entries(limits)) {
          for (const char of ["x", "ü", "🔬"]) {
            const fits = { [field]: ` ${char.repeat(most)}\n`, limsProject: shortId(`${field}-${char}-most`) }
            yield* done(projectRequest(fits))
            const one = { [field]: `\t${char}`, limsProject: shortId(`${field}-${char}-one`) }
            yield* done(projectRequest(one))
            expect(yield* issuesOf(root, projectRequest({ [field]: char.repeat(most + 1) }))).toEqual([
              { field, code: "field_too_long", message: `has ${most + 1} characters; at most ${most} fit` },
            ])
          }
          for (const blank of ["", " ", "\n\t\u00a0\u3000"]) {
            expect(yield* issuesOf(root, projectRequest({ [field]: blank }))).toEqual([
              { field, code: "validation_failed", message: "is required" },
            ])
          }
        }
      }),
    ),
  )

  it.effect("have an operator from the list, if there is one", () =>
    inWorld({ settings: { operators: { allowlist: ["asmith", "Ünal"] } } }, (root) =>
      Effect.gen(function* () {
        for (const operator of ["ASMITH", "asmith2", "smith", "asmith bjones"]) {
          expect(yield* refused(root, projectRequest({ operator }))).toEqual(["operator validation_failed"])
        }
        expect(yield* refused(root, projectRequest({ operator: "" }))).toEqual(["operator validation_failed"])
        yield* done(projectRequest({ operator: " Ünal " }))
      }),
    ),
  )
})

describe("a run's date", () => {
  const runAt = (runDate: string) => runRequest({ runDate })

  it.effect("names the folder by the clock of the configured zone", () =>
    inWorld({ settings: { timeZone: "Europe/Berlin" } }, (root) =>
      Effect.gen(function* () {
        yield* makeProject(root, "PROJ-0042")
        const leaves: Record<string, string> = {
          "2026-04-17": "Run_2026-04-17T00-00-00",
          "2026-04-17T14:32": "Run_2026-04-17T14-32-00",
          "2026-04-17T23:30:00Z": "Run_2026-04-18T01-30-00",
          "2026-01-17T23:30:00+09:00": "Run_2026-01-17T15-30-00",
          "2026-10-25T02:30:00": "Run_2026-10-25T02-30-00",
        }
        for (const [runDate, leaf] of Object.entries(leaves)) {
          expect((yield* done(runAt(runDate))).path).toBe(`${root}/local/DEMO_01/PROJ-0042/Runs/${leaf}`)
        }
        // The other 02:30 of that night has the same name.
        expect(yield* refused(root, runAt("2026-10-25T02:30:00+01:00"))).toEqual([
          "destination destination_exists",
        ])
      }),
    ),
  )

  it.effect("is one of the calendar and of the zone's clocks", () =>
    inWorld({ settings: { timeZone: "Europe/Berlin" } }, (root) =>
      Effect.gen(function* () {
        yield* makeProject(root, "PROJ-0042")
        const wrong = [
          "",
          "now",
          "2026-02-30",
          "2026-03-29T02:30:00",
          "1899-12-31",
          "2026-04-17T25:00",
          "17.04.2026",
        ]
        for (const runDate of wrong) {
          expect([runDate, ...(yield* refused(root, runAt(runDate)))]).toEqual([
            runDate,
            "run_date validation_failed",
          ])
        }
        const [skipped] = yield* issuesOf(root, runAt("2026-03-29T02:30:00"))
        expect(skipped?.message).toBe(
          "is a time that clocks in Europe/Berlin jump over; correct it, or add an offset, like +01:00",
        )
      }),
    ),
  )

  it.effect("is now when none is given", () =>
    Effect.zipRight(
      TestClock.setTime(Date.UTC(2026, 3, 17, 20, 0, 0)),
      inWorld({ settings: { timeZone: "Asia/Kathmandu" } }, (root) =>
        Effect.gen(function* () {
          yield* makeProject(root, "PROJ-0042")
          expect((yield* done(runRequest())).path).toMatch(/\/Run_2026-04-18T01-45-00$/)
        }),
      ),
    ),
  )
})
