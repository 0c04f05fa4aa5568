import { existsSync } from "node:fs"
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import * as Embedded from "../../../layers/Embedded.ts"
import * as YamlSettings from "../../../layers/settings/YamlSettings.ts"
import type { SyncJobState } from "../../../src/domain/SyncJob.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { untilState } from "../nas/sync/world.ts"
import { runProgram } from "./program.ts"

const projectFile = `
equipment_id: DEMO_01
template_path: imaging_project
lims_project: { short_id: PROJ-1, name_at_creation: Mitochondria }
label: Mitochondria
operator: asmith
objective: Look
variables: { principal_investigator: R. Levi, species: Yeast }
`

const write = (path: string, text: string) => Effect.promise(() => writeFile(path, text))
const remove = (path: string) => Effect.promise(() => rm(path))

const settingsWith = (transport: string) => `
paths: { local_root: lab, state_dir: state }
equipment: [{ id: DEMO_01, label: Demonstration${transport} }]
`

const project = (cwd: string, ...more: ReadonlyArray<string>) =>
  join(cwd, "lab", "DEMO_01", "PROJ-1", ...more)

/** A folder with settings, a request for a project, and what runs the program there. */
const lab = (makeSettings: (cwd: string) => string) =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    yield* write(join(cwd, "exlab-wizard.yaml"), makeSettings(cwd))
    yield* write(join(cwd, "project.yaml"), projectFile)
    const run = (...words: ReadonlyArray<string>) => runProgram(words, { cwd })
    return { cwd, run, create: run("create", "project", "--from", "project.yaml") }
  })

const labWithNas = lab((cwd) =>
  settingsWith(`, nas_root: ${JSON.stringify(join(cwd, "nas"))}, transport: { type: mounted }`),
)

const target = (cwd: string, ...more: ReadonlyArray<string>) => join(cwd, "nas", "PROJ-1", ...more)

/** Lets a service work on the same queue until the project's job is in this state. */
const serveUntil = (cwd: string, wanted: SyncJobState) =>
  Effect.gen(function* () {
    const { settings } = yield* YamlSettings.load({
      config: Option.some(join(cwd, "exlab-wizard.yaml")),
      environment: {},
    }).pipe(Effect.provide(NodeDisk.layer))
    yield* Effect.provide(untilState(project(cwd), wanted), Embedded.adapters(settings))
  })

/** With a name that no Windows share takes. */
const illegal = "plate 1: blank.txt"
const breakTheRules = (cwd: string) => write(project(cwd, illegal), "")
const mend = (cwd: string) => remove(project(cwd, illegal))

const done = { code: 0, stderr: "" }

describe("what is copied to the NAS", () => {
  it.scopedLive("is queued by create, shown, copied by the service, and compared", () =>
    Effect.gen(function* () {
      const { create, cwd, run } = yield* labWithNas
      expect((yield* create).code).toBe(0)
      const { code, stdout } = yield* run("sync", "status", "--json")
      expect(code).toBe(0)
      const { jobs, paused_targets } = JSON.parse(stdout)
      expect(jobs).toMatchObject([{ path: project(cwd), state: "queued", equipment_id: "DEMO_01" }])
      expect(paused_targets).toEqual([])
      const unmarked = yield* run("sync", "verify", "lab/DEMO_01/PROJ-1")
      expect(unmarked).toMatchObject({ code: 1, stdout: "" })
      expect(unmarked.stderr).toContain("exlab-wizard sync init-target DEMO_01")
      const marked = yield* run("sync", "init-target", "DEMO_01")
      expect(marked).toMatchObject({ ...done, stdout: expect.stringMatching(/^target-\S+\n$/) })
      expect(yield* run("sync", "init-target", "DEMO_01")).toEqual(marked)
      yield* serveUntil(cwd, "verified")
      expect(yield* run("sync", "verify", "lab/DEMO_01/PROJ-1")).toMatchObject({ code: 0, stdout: "" })
      const shown = yield* run("sync", "status", "lab/DEMO_01/PROJ-1")
      expect(shown).toMatchObject(done)
      expect(shown.stdout).toMatch(/^\S+\tverified\t\S+PROJ-1\t\t\n(?: {2}.+\n)+$/)
      expect(shown.stdout).toContain("awaiting_verify → verified")
      yield* remove(target(cwd, "..", ".exlab-target.json"))
      const refused = yield* run("sync", "init-target", "DEMO_01")
      expect(refused).toMatchObject({ code: 1, stdout: "" })
      expect(refused.stderr).toContain("is it mounted? `--replace` takes it")
      const replaced = yield* run("sync", "init-target", "DEMO_01", "--replace", "--json")
      expect(JSON.parse(replaced.stdout)).toMatchObject({ queued_again: 1, left_behind: 0 })
      expect(replaced.stderr).toContain("1 directories are copied again")
    }),
  )

  it.scopedLive("is listed file by file where the copy isn't the same, and brought up to date", () =>
    Effect.gen(function* () {
      const { create, cwd, run } = yield* labWithNas
      yield* create
      yield* run("sync", "init-target", "DEMO_01")
      yield* serveUntil(cwd, "verified")
      yield* write(target(cwd, "README.md"), "something else")
      yield* remove(target(cwd, ".exlab-wizard", "files.json"))
      const { code, stderr, stdout } = yield* run("sync", "verify", "lab/DEMO_01/PROJ-1")
      expect({ code, stdout }).toEqual({
        code: 1,
        stdout: "missing\t.exlab-wizard/files.json\ndifferent\tREADME.md\n",
      })
      expect(stderr).toMatch(/^2 of \d+ files aren't the same on the NAS; `exlab-wizard sync enqueue`/)
      const told = yield* run("sync", "verify", "--json", "lab/DEMO_01/PROJ-1")
      expect(told.code).toBe(1)
      expect(JSON.parse(told.stdout)).toMatchObject({ ok: false, different: ["README.md"] })
      const again = yield* run("sync", "enqueue", "--json", "lab/DEMO_01/PROJ-1")
      expect(again).toMatchObject(done)
      expect(JSON.parse(again.stdout)).toMatchObject({ path: project(cwd), state: "queued" })
      yield* serveUntil(cwd, "verified")
      expect((yield* run("sync", "verify", "lab/DEMO_01/PROJ-1")).code).toBe(0)
    }),
  )

  it.scopedLive("is blocked by what the gate finds, and goes when that is mended", () =>
    Effect.gen(function* () {
      const { create, cwd, run } = yield* labWithNas
      yield* create
      yield* run("sync", "init-target", "DEMO_01")
      yield* breakTheRules(cwd)
      const blocked = yield* run("sync", "revalidate", "lab/DEMO_01/PROJ-1")
      expect(blocked.code).toBe(1)
      expect(blocked.stdout).toMatch(/plate 1: blank\.txt hard illegal_filesystem_character: \S+/)
      yield* serveUntil(cwd, "failed")
      const refused = yield* run("sync", "enqueue", "lab/DEMO_01/PROJ-1")
      expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("revalidate") })
      yield* mend(cwd)
      const mended = yield* run("sync", "revalidate", "--json", "lab/DEMO_01/PROJ-1")
      expect(mended).toMatchObject(done)
      expect(JSON.parse(mended.stdout)).toMatchObject({ blocked: false, sync_status: "pending" })
      yield* serveUntil(cwd, "verified")
    }),
  )

  it.scopedLive("is told as blocked where nothing was ever queued because of what the gate found", () =>
    Effect.gen(function* () {
      const { create, cwd, run } = yield* labWithNas
      yield* create
      yield* breakTheRules(cwd)
      yield* run("sync", "revalidate", "lab/DEMO_01/PROJ-1")
      yield* Effect.promise(() => rm(join(cwd, "state"), { recursive: true }))
      const status = yield* run("sync", "status", "lab/DEMO_01/PROJ-1")
      expect(status).toMatchObject({ code: 1, stdout: "" })
      expect(status.stderr).toContain("it is blocked_by_validation")
      expect(status.stderr).toContain("then revalidate")
      expect(status.stderr).not.toContain("sync enqueue")
    }),
  )

  it.scopedLive("is begun anew after it failed, by its job or its path, and only then", () =>
    Effect.gen(function* () {
      const { create, cwd, run } = yield* labWithNas
      yield* create
      yield* run("sync", "init-target", "DEMO_01")
      yield* breakTheRules(cwd)
      yield* serveUntil(cwd, "failed")
      const failed = yield* run("sync", "status", "--state", "failed")
      expect(failed.stdout).toMatch(/^\S+\tfailed\t\S+\t\tblocked by hard findings: .+\n$/)
      const [job = ""] = failed.stdout.split("\t")
      const queued = { code: 0, stdout: expect.stringContaining(`${job}\tqueued\t`) }
      const blocked = yield* run("sync", "retry", job)
      expect(blocked).toEqual(yield* run("sync", "enqueue", "lab/DEMO_01/PROJ-1"))
      expect(blocked).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(illegal) })
      expect((yield* run("sync", "status", "--state", "failed")).stdout).toBe(failed.stdout)
      yield* mend(cwd)
      expect(yield* run("sync", "retry", "lab/DEMO_01/PROJ-1")).toMatchObject(queued)
      yield* serveUntil(cwd, "verified")
      expect((yield* run("sync", "status", "--state", "failed")).stdout).toBe("")
      const late = yield* run("sync", "retry", job)
      expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining("only a job that failed") })
    }),
  )
})

describe("sync", () => {
  it.scopedLive("knows a directory by any path that leads there", () =>
    Effect.gen(function* () {
      const { create, cwd, run } = yield* labWithNas
      yield* create
      const shown = (yield* run("sync", "status", project(cwd))).stdout
      expect(shown).toContain(`\tqueued\t${project(cwd)}\t`)
      yield* Effect.promise(() => symlink(project(cwd), join(cwd, "mine")))
      for (const path of ["mine", "DEMO_01/PROJ-1", "./lab/../lab/DEMO_01/PROJ-1/"]) {
        expect((yield* run("sync", "status", path)).stdout).toBe(shown)
      }
      // A link that lies in a directory doesn't make it another one.
      yield* Effect.promise(() => mkdir(join(cwd, "lab/DEMO_01/PROJ-2")))
      yield* Effect.promise(() => symlink(project(cwd), join(cwd, "lab/DEMO_01/PROJ-2/mine")))
      for (const call of ["status", "enqueue", "verify"]) {
        const refused = yield* run("sync", call, "lab/DEMO_01/PROJ-2/mine")
        expect([call, refused.code, refused.stdout]).toEqual([call, 1, ""])
      }
      const env = { EXLAB_WIZARD_CONFIG: join(cwd, "exlab-wizard.yaml") }
      const inside = yield* runProgram(["sync", "status", "."], { cwd: project(cwd), env })
      expect(inside.stdout).toBe(shown)
    }),
  )

  it.scopedLive("says what to do about paths and jobs that there aren't", () =>
    Effect.gen(function* () {
      const { run } = yield* labWithNas
      const none = yield* run("sync", "enqueue", "lab/DEMO_01/PROJ-2")
      expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("paths.local_root") })
      const noJob = yield* run("sync", "retry", "nothing")
      expect(noJob).toMatchObject({ code: 1, stderr: expect.stringContaining("sync status") })
      const noEquipment = yield* run("sync", "init-target", "OTHER")
      expect(noEquipment).toMatchObject({ code: 1, stderr: expect.stringContaining("no such equipment") })
      expect((yield* run("sync", "verify")).code).toBe(2)
      expect((yield* run("sync", "status", "--state", "lost")).code).toBe(2)
    }),
  )

  it.scopedLive("without a transport has nothing to do, says so, and makes no queue", () =>
    Effect.gen(function* () {
      const { create, cwd, run } = yield* lab(() => settingsWith(""))
      expect((yield* create).code).toBe(0)
      const status = yield* run("sync", "status")
      expect(status).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("`transport`") })
      const refused = yield* run("sync", "enqueue", "lab/DEMO_01/PROJ-1")
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("`transport`") })
      expect(existsSync(join(cwd, "state"))).toBe(false)
    }),
  )

  it.scopedLive("is looked at by doctor: the tools, and whether the target is marked", () =>
    Effect.gen(function* () {
      const { cwd, run } = yield* labWithNas
      const unmarked = yield* run("doctor")
      expect(unmarked.code).toBe(0)
      expect(unmarked.stdout).toMatch(/^warning sync: .+DEMO_01.+\n {8}→ .+sync init-target DEMO_01$/m)
      yield* run("sync", "init-target", "DEMO_01")
      expect((yield* run("doctor")).stdout).toMatch(/^ok {6}sync: DEMO_01/m)
      yield* write(
        join(cwd, "exlab-wizard.yaml"),
        settingsWith(", nas_root: /nas, transport: { type: rsync_ssh, host: nas.example.org }"),
      )
      const env = { PATH: cwd }
      const without = yield* runProgram(["doctor"], { cwd, env })
      expect(without.code).toBe(1)
      expect(without.stdout).toMatch(/^error {3}sync: DEMO_01: .+\n {8}→ .+$/m)
    }),
  )

  it.scopedLive("has no queue made by those who only look", () =>
    Effect.gen(function* () {
      const { cwd, run } = yield* labWithNas
      yield* Effect.promise(() => mkdir(join(cwd, "lab"), { recursive: true }))
      expect(yield* run("audit")).toMatchObject({ code: 0, stdout: "" })
      expect(yield* run("sync", "status")).toMatchObject({ code: 0, stdout: "" })
      expect(existsSync(join(cwd, "state"))).toBe(false)
    }),
  )

  it.scopedLive("that can't use its queue refuses, and so does create, before it makes anything", () =>
    Effect.gen(function* () {
      const { create, cwd, run } = yield* labWithNas
      const file = join(cwd, "state", "sync", "queue.db")
      yield* Effect.promise(() => mkdir(join(cwd, "state", "sync"), { recursive: true }))
      const garbage = "not a queue".repeat(1000)
      yield* write(file, garbage)
      for (const ran of [yield* create, yield* run("sync", "status")]) {
        expect(ran).toMatchObject({ code: 1, stdout: "" })
        expect(ran.stderr).toContain(`the sync queue ${file} can't be used`)
        expect(ran.stderr).toContain("Put a backup in its place")
      }
      expect(existsSync(join(cwd, "lab"))).toBe(false)
      expect(yield* Effect.promise(() => readFile(file, "utf8"))).toBe(garbage)
    }),
  )
})
