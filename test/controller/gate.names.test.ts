import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Stream } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import { Action, DiskFaults } from "../support/FaultDisk.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { inWorld } from "../support/world.ts"
import { create, done, issuesOf, makeProject, refused, refusalOf } from "./gateWorld.ts"

const projectOf = (shortId: string) =>
  projectRequest({ limsProject: { uid: "", shortId, nameAtCreation: "P", source: "live" } })
const runOf = (projectShortId: string) => runRequest({ projectShortId })

const messages = (root: string, request: object) =>
  Effect.map(issuesOf(root, request), (issues) => issues.map(({ message }) => message))

/** Names that are no folder's on some system, by what is wrong with them. */
const unsafeNames: Record<string, ReadonlyArray<string>> = {
  "is empty": [""],
  "is a relative path": [".", ".."],
  "contains the character": [
    "a/b",
    "../x",
    "/etc",
    "a\\b",
    "C:",
    "a*",
    "a?",
    'a"',
    "a|b",
    "a\nb",
    "a\u007f",
    "<x>",
    "<",
    "a\u202eb",
    "a\u2066",
  ],
  "begins or ends with a space": [" a", "a ", "a\u00a0"],
  "ends with a dot": ["a.", "a.."],
  "is a reserved device name": [
    "CON",
    "con",
    "Aux.txt",
    "nul.tar.gz",
    "COM1",
    "lpt9",
    "COM¹",
    "lpt³.x",
    "prn .txt",
  ],
  "begins with a dot": [".hidden", ".exlab-wizard"],
  "is the name of a folder for runs": ["Runs", "TestRuns", "runs", "TESTRUNS"],
  "is longer than 200 bytes": ["x".repeat(201), `${"é".repeat(100)}x`, "😀".repeat(51)],
}

describe("a project's short id", () => {
  it.effect("is refused for every rule that it breaks, for projects and runs alike", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        for (const [reason, names] of Object.entries(unsafeNames)) {
          for (const name of names) {
            for (const request of [projectOf(name), runOf(name)]) {
              const field = "projectShortId" in request ? "project_short_id" : "lims_project.short_id"
              const issues = yield* issuesOf(root, request)
              expect(issues).toContainEqual({
                field,
                code: "unsafe_project_name",
                message: expect.stringContaining(reason) as string,
              })
              expect(new Set(issues.map(({ code }) => code))).toEqual(new Set(["unsafe_project_name"]))
            }
          }
        }
      }),
    ),
  )

  it.effect("with a placeholder is refused by the rules for paths", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        for (const name of ["{{x}}", "a {{ sample }}", "{% if %}"]) {
          expect(yield* refused(root, projectOf(name))).toEqual(["lims_project.short_id validation_failed"])
          yield* makeProject(root, name)
          expect(yield* refused(root, runOf(name))).toEqual(["project_short_id validation_failed"])
        }
        expect(yield* refused(root, projectOf("<sample>"))).toEqual([
          "lims_project.short_id unsafe_project_name",
        ])
      }),
    ),
  )

  it.effect("may be whatever is a folder's name everywhere", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const names = [
          "x".repeat(200),
          "é".repeat(100),
          "Zellzyklus – Ünïcode 🔬",
          "a.b",
          "-rf",
          "COM10",
          "{x}",
          "it's",
        ]
        for (const name of names) {
          expect((yield* done(projectOf(name))).path).toBe(join(root, "local", "DEMO_01", name))
          expect((yield* done(runOf(name))).path).toContain(`/${name}/Runs/Run_`)
        }
      }),
    ),
  )
})

describe("an equipment's id", () => {
  it.effect("is well-formed and known", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        for (const id of ["", "demo_01", "1A", "A-1", "A".repeat(33), "../DEMO_01", "Ä", "DEMO_01 "]) {
          expect(yield* refused(root, projectRequest({ equipmentId: id }))).toEqual([
            "equipment_id equipment_id_invalid",
          ])
        }
        const unknown = projectRequest({ equipmentId: "CONFOCAL_02" })
        expect(yield* issuesOf(root, unknown)).toEqual([
          {
            field: "equipment_id",
            code: "validation_failed",
            message: "is not known; the settings list: DEMO_01",
          },
        ])
      }),
    ),
  )

  it.effect("is told together with the project's id, and no folder is looked for below it", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const request = {
          ...runOf("con"),
          equipmentId: "../..",
          limsProject: { ...projectRequest().limsProject },
        }
        expect(yield* refused(root, request)).toEqual([
          "equipment_id equipment_id_invalid",
          "project_short_id unsafe_project_name",
          "lims_project.short_id validation_failed",
        ])
      }),
    ),
  )
})

const recordOf = (short_id: string, more: object = {}) => ({
  schema_version: "1.9",
  level: "project",
  lims_project: { uid: "u-1", short_id, name_at_creation: "Cell cycle", source: "cache", ...more },
})

const readRecord = (path: string) =>
  JSON.parse(readFileSync(join(path, ".exlab-wizard", "creation.json"), "utf8")) as Record<string, unknown>

const warningsOf = (request: object) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const { sessionId } = yield* create(request)
    const events = yield* Stream.runCollect(controller.subscribe(sessionId))
    const { result } = yield* controller.status(sessionId)
    expect(result).toHaveProperty("path")
    const path = (result as { readonly path: string }).path
    return {
      path,
      lims: readRecord(path)["lims_project"],
      warnings: Chunk.toReadonlyArray(events).flatMap((event) =>
        event.kind === "warning" ? [event.message] : [],
      ),
    }
  })

describe("a run's project", () => {
  it.effect("is the folder of that name, else the one whose record says so", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        expect(yield* messages(root, runOf("PROJ-0042"))).toEqual([
          "DEMO_01 has no project PROJ-0042; create it first",
        ])
        yield* makeProject(root, "Alpha", recordOf("PROJ-1"))
        yield* makeProject(root, "Mitochondria", recordOf("PROJ-0042"))
        yield* makeProject(root, ".trash", recordOf("PROJ-2"))
        yield* makeProject(root, "Broken", {
          schema_version: "1.9",
          level: 5,
          lims_project: { short_id: "PROJ-3" },
        })
        const found = yield* warningsOf(runOf("PROJ-0042"))
        expect(found.path).toContain("/DEMO_01/Mitochondria/Runs/Run_")
        expect(found.warnings).toEqual([])
        for (const nowhere of ["PROJ-2", "PROJ-3", "mitochondria", "PROJ-004"]) {
          expect(yield* refused(root, runOf(nowhere))).toEqual(["project_short_id project_not_found"])
        }
        yield* makeProject(root, "PROJ-0042")
        const named = yield* warningsOf(runRequest({ runDate: "2026-01-01" }))
        expect(named.path).toContain("/DEMO_01/PROJ-0042/Runs/Run_")
      }),
    ),
  )

  it.effect("is a directory of its own, no file and no link", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const equipment = join(root, "local", "DEMO_01")
        yield* makeProject(root, "Elsewhere")
        writeFileSync(join(equipment, "FILE"), "")
        symlinkSync("Elsewhere", join(equipment, "LINK"))
        symlinkSync("nowhere", join(equipment, "DANGLING"))
        const remedy = "move it away, or choose another id"
        expect(yield* messages(root, runOf("FILE"))).toEqual([
          `${equipment}/FILE is no directory but a file; ${remedy}`,
        ])
        expect(yield* messages(root, runOf("LINK"))).toEqual([
          `${equipment}/LINK is no directory but a symlink; ${remedy}`,
        ])
        expect(yield* messages(root, runOf("DANGLING"))).toEqual([
          `${equipment}/DANGLING is no directory but a symlink; ${remedy}`,
        ])
      }),
    ),
  )

  it.effect("is not found below an equipment that is a file", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        mkdirSync(join(root, "local"))
        writeFileSync(join(root, "local", "DEMO_01"), "")
        expect(yield* refused(root, runOf("P-1"))).toEqual(["project_short_id project_not_found"])
      }),
    ),
  )

  it.effect("whose record the disk fails to give is an error of the disk, not another project", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        yield* makeProject(root, "Mitochondria", recordOf("PROJ-0042"))
        const failing = (errno: string) =>
          faults.arm(({ name, paths }) =>
            name === "readFile" && paths[0]?.endsWith("creation.json") === true
              ? Action.FailBefore({ errno })
              : Action.Pass(),
          )
        yield* failing("EIO")
        const envelope = yield* Effect.flatMap(create(runOf("PROJ-0042")), refusalOf)
        expect(envelope).toMatchObject({ code: "io_error", details: { op: "readFile", errno: "EIO" } })
        yield* failing("EACCES")
        expect(yield* refused(root, runOf("PROJ-0042"))).toEqual(["project_short_id project_not_found"])
      }),
    ),
  )
})

describe("a run's LIMS block", () => {
  const given = {
    uid: "u-9",
    shortId: "PROJ-0042",
    nameAtCreation: "Given",
    source: "offline_catalogue",
  } as const

  it.effect("is the given one, and must agree with the project", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        yield* makeProject(root, "PROJ-0042", recordOf("PROJ-0042"))
        const { lims, warnings } = yield* warningsOf(runRequest({ limsProject: given }))
        expect(warnings).toEqual([])
        expect(lims).toEqual({
          uid: "u-9",
          short_id: "PROJ-0042",
          name_at_creation: "Given",
          source: "offline_catalogue",
          cache_freshness_at_use: null,
        })
        const other = runRequest({ limsProject: { ...given, shortId: "PROJ-1" } })
        expect(yield* messages(root, other)).toEqual(["must equal project_short_id, PROJ-0042"])
      }),
    ),
  )

  it.effect("is inherited from the project's record otherwise", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const freshness = "2026-04-17T12:00:00Z"
        yield* makeProject(root, "PROJ-0042", recordOf("PROJ-0042", { cache_freshness_at_use: freshness }))
        const { lims, warnings } = yield* warningsOf(runRequest())
        expect(warnings).toEqual([])
        expect(lims).toEqual({
          uid: "u-1",
          short_id: "PROJ-0042",
          name_at_creation: "Cell cycle",
          source: "cache",
          cache_freshness_at_use: freshness,
        })
      }),
    ),
  )

  const assumed = {
    uid: "",
    short_id: "PROJ-0042",
    name_at_creation: "PROJ-0042",
    source: "live",
    cache_freshness_at_use: null,
  }
  const warning = expect.stringContaining("the LIMS entry of project PROJ-0042") as string

  it.effect("is made of the names at hand, with a warning, when no record has one", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const metadata = join(root, "local", "DEMO_01", "PROJ-0042", ".exlab-wizard")
        const unreadable: ReadonlyArray<string | null> = [
          null,
          "",
          "{ not json",
          JSON.stringify({ schema_version: "2.0", lims_project: { short_id: "X" } }),
          JSON.stringify({ schema_version: "1.4", level: "project" }),
          JSON.stringify({ schema_version: "1.9", level: "project", lims_project: null }),
          JSON.stringify({ schema_version: "1.9", level: "project", lims_project: {} }),
        ]
        yield* makeProject(root, "PROJ-0042")
        for (const [day, record] of unreadable.entries()) {
          if (record !== null) writeFileSync(join(metadata, "creation.json"), record)
          const run = yield* warningsOf(runRequest({ runDate: `2026-01-1${day}` }))
          expect([record, run.lims, run.warnings]).toEqual([record, assumed, [warning]])
          if (record !== null) expect(readFileSync(join(metadata, "creation.json"), "utf8")).toBe(record)
        }
      }),
    ),
  )

  it.effect("keeps what a record has, and names are filled in", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        const sparing = {
          schema_version: "1.9",
          level: "project",
          lims_project: { uid: "u-1", source: "rumour" },
        }
        yield* makeProject(root, "PROJ-0042", { ...sparing, schema_version: "1.12" })
        const run = yield* warningsOf(runRequest())
        expect(run).toMatchObject({ lims: { ...assumed, uid: "u-1" }, warnings: [warning] })
      }),
    ),
  )

  it.effect("of a folder that is asked for by its name is the record's", () =>
    inWorld({}, (root) =>
      Effect.gen(function* () {
        yield* makeProject(root, "Mitochondria", recordOf("PROJ-0042"))
        const run = yield* warningsOf(runOf("Mitochondria"))
        expect(run).toMatchObject({ lims: { short_id: "PROJ-0042" }, warnings: [] })
        const marker = readFileSync(join(run.path, "..", ".exlab-wizard", "runs.json"), "utf8")
        expect(JSON.parse(marker)).toMatchObject({ project: "PROJ-0042" })
        expect(readFileSync(join(run.path, "README.md"), "utf8")).toContain('project: "PROJ-0042"')
      }),
    ),
  )
})
