import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { withPairs } from "../../../layers/cli/requestFile.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { leftInStaging } from "../../support/world.ts"
import { lotProject, withPlugin } from "./lab.ts"
import { runAtTerminal, runProgram } from "./program.ts"

const projectFile = `
equipment_id: DEMO_01
template_path: imaging_project
lims_project: { uid: "", short_id: PROJ-1, name_at_creation: Mitochondria, source: offline_catalogue }
label: Mitochondria
operator: asmith
objective: Look
variables: { principal_investigator: R. Levi, species: Yeast }
`

const plateRun = [
  ...["equipment_id=DEMO_01", "template_path=plate_reader_run", "project_short_id=PROJ-1"],
  ...["run_kind=experimental", "label=Plate 1", "operator=asmith", "objective=Read it"],
  ...["assay=IL-6 ELISA", "wavelength_nm=450", "reads=2"],
].flatMap((pair) => ["--set", pair])

const write = (path: string, text: string) => Effect.promise(() => writeFile(path, text))

const createProject = (cwd: string, ...more: ReadonlyArray<string>) =>
  Effect.zipRight(
    write(join(cwd, "project.yaml"), projectFile),
    runProgram(["create", "project", "--from", "project.yaml", ...more], { cwd }),
  )

const lotOf = (cwd: string) =>
  Effect.promise(() => readFile(join(cwd, "lab", "DEMO_01", "PROJ-1", "a.txt"), "utf8"))

/** A template of a project with a question of each kind, one of which depends on another. */
const withQuestions = (cwd: string) =>
  Effect.gen(function* () {
    const folder = join(cwd, "templates", "tiny_project")
    yield* Effect.promise(() => mkdir(folder, { recursive: true }))
    yield* write(
      join(folder, "template.yaml"),
      `name: tiny_project
version: "1"
type: project
questions:
  wells: { type: integer, label: Wells, required: true }
  treated: { type: boolean, label: Treated }
  drug: { type: string, label: Drug, required: true, when: "{{treated}}" }
  cells: { type: choice, label: Cells, options: [HeLa, Yeast], required: true }
`,
    )
    yield* write(join(folder, "a.txt.hbs"), "{{wells}} {{drug}} {{cells}} {{label}}\n")
    yield* write(join(cwd, "exlab-wizard.yaml"), "paths: { templates_dir: templates, local_root: lab }\n")
  })

describe("create, in a pipe", () => {
  it.scopedLive("makes a project from a file, with the path alone on standard output", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { code, stderr, stdout } = yield* createProject(cwd)
      const path = join(cwd, "exlab-data", "local", "DEMO_01", "PROJ-1")
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${path}\n` })
      expect(stderr).toMatch(/^rendering_template$/m)
      expect(stderr).not.toContain("\u001B")
      expect(existsSync(join(path, "README.md"))).toBe(true)
    }),
  )

  it.scopedLive("lets --set go before the file, and gives JSON", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { stdout } = yield* createProject(cwd, "--json", "--set", "lims_project.short_id=PROJ-7")
      const made = JSON.parse(stdout)
      expect(made).toMatchObject({ blocked: false, findings: [], session_id: expect.any(String) })
      expect(made.path).toBe(join(cwd, "exlab-data", "local", "DEMO_01", "PROJ-7"))
    }),
  )

  it.scopedLive("makes a run of a project", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* createProject(cwd)
      // Its default is for a person to look at: a barcode that nobody read isn't made up.
      const alone = yield* runProgram(["create", "run", ...plateRun], { cwd })
      expect(alone.code).toBe(1)
      expect(alone.stderr).toContain("--answer plate_barcode=VALUE")
      const answered = [...plateRun, "--answer", "plate_barcode=P-0042"]
      const { code, stdout } = yield* runProgram(["create", "run", ...answered], { cwd })
      expect(code).toBe(0)
      expect(stdout).toContain(join("DEMO_01", "PROJ-1", "Runs", "Run_"))
    }),
  )

  it.scopedLive("answers what a plugin asks by --answer", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* withPlugin(cwd)
      const args = ["create", "project", ...lotProject, "--answer", "lot=42"]
      const { code, stderr } = yield* runProgram(args, { cwd })
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" })
      expect(stderr).toContain("lot asks: a lot is needed")
      expect(yield* lotOf(cwd)).toBe("L\nlot 42\n")
    }),
  )

  it.scopedLive.each([
    ["nobody answers a plugin", [], "--answer lot=VALUE"],
    ["an answer is wrong", ["--answer", "lot=many"], "must be a whole number"],
  ] as const)("ends with 1 where %s, says why, and leaves nothing", ([, more, said]) =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* withPlugin(cwd)
      const { code, stderr, stdout } = yield* runProgram(["create", "project", ...lotProject, ...more], {
        cwd,
      })
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
      expect(stderr).toContain(said)
      expect(yield* leftInStaging(join(cwd, "lab"))).toEqual([])
      expect(existsSync(join(cwd, "lab/DEMO_01/PROJ-1"))).toBe(false)
    }),
  )

  it.scopedLive("ends with 1 at a request that is refused, and says every reason", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      const { code, stderr, stdout } = yield* createProject(cwd, "--set", "label=", "--set", "species=Dragon")
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
      expect(stderr).toContain("label")
      const twice = yield* Effect.zipRight(createProject(cwd), createProject(cwd))
      expect(twice.code).toBe(1)
      expect(twice.stderr).toContain("exists already")
    }),
  )

  it.scopedLive("ends with 2 at a file that isn't a request", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* write(join(cwd, "list.yaml"), "- 1\n")
      const { code, stderr } = yield* runProgram(["create", "run", "--from", "list.yaml"], { cwd })
      expect(code).toBe(2)
      expect(stderr).toContain("list.yaml must have a request's fields")
    }),
  )
})

describe("create, at a terminal", () => {
  it.scopedLive("asks for all that is missing, and only for what applies", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* withQuestions(cwd)
      const given = ["equipment_id=DEMO_01", "label=Tiny", "lims_project.name_at_creation=Tiny"]
      const args = ["create", "project", ...given.flatMap((pair) => ["--set", pair])]
      const typing = [
        ["Template", "\r"],
        ["Operator", "\u0015asmith\r"],
        ["Objective", "Look\r"],
        ["short id", "PROJ-3\r"],
        ["Wells", "9x\r"],
        ["must be a whole number", "\u007F\r"],
        ["Treated", "\r"],
        ["Cells", "\u001B[B\r"],
      ] as const
      const { code, stdout } = yield* runAtTerminal(args, typing, { cwd })
      expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" })
      expect(stdout).not.toContain("Drug")
      const file = join(cwd, "lab", "DEMO_01", "PROJ-3", "a.txt")
      expect(yield* Effect.promise(() => readFile(file, "utf8"))).toBe("9  Yeast Tiny\n")
    }),
  )

  it.scopedLive("asks in place for what a plugin wants to know", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* withPlugin(cwd)
      const typing = [["Lot's number", "7\r"]] as const
      const { code, stdout } = yield* runAtTerminal(["create", "project", ...lotProject], typing, { cwd })
      expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" })
      expect(yield* lotOf(cwd)).toBe("L\nlot 7\n")
    }),
  )

  it.scopedLive("ends with 130 at Ctrl-C in a plugin's question, and leaves nothing", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* withPlugin(cwd)
      const typing = [["Lot's number", "\u0003"]] as const
      const { code } = yield* runAtTerminal(["create", "project", ...lotProject], typing, { cwd })
      expect(code).toBe(130)
      expect(yield* leftInStaging(join(cwd, "lab"))).toEqual([])
      expect(existsSync(join(cwd, "lab/DEMO_01/PROJ-1"))).toBe(false)
    }),
  )

  it.scopedLive("ends with 130 at Ctrl-C, with nothing made", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryDirectory
      yield* withQuestions(cwd)
      const { code } = yield* runAtTerminal(["create", "project"], [["Equipment", "\u0003"]], { cwd })
      expect(code).toBe(130)
      expect(existsSync(join(cwd, "lab", "DEMO_01"))).toBe(false)
    }),
  )
})

describe("what is written on a command line", () => {
  it("goes to the request's own fields, into its groups, or to the template's variables", () => {
    const pairs = {
      label: "L",
      "lims_project.uid": "7",
      "readme_extra.funder": "F",
      reads: "2",
      "variables.b": "3",
    }
    const body = withPairs("project", { variables: { a: 1 } }, pairs, (_, text) => Number(text))
    expect(body).toEqual({
      label: "L",
      lims_project: { uid: "7" },
      readme_extra: { funder: "F" },
      variables: { a: 1, reads: 2, b: 3 },
    })
  })
})
