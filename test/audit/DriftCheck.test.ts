import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { dirname, join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { describe } from "vitest"
import { checksumsBytes } from "../../src/domain/Checksums.ts"
import type { DriftReport } from "../../src/domain/Drift.ts"
import { Action, DiskFaults, type Operation, type Plan, sweep } from "../support/FaultDisk.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { snapshotOf } from "../support/snapshot.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { checked, drifted, driftWorld, filesIn, made } from "./driftWorld.ts"

const templates: Readonly<Record<string, string>> = {
  "projects/study/template.yaml": `name: study\nversion: "1"\ntype: project\n`,
  "runs/assay/template.yaml": `
name: assay
version: "2"
type: run
run_scope: both
questions:
  sample: { type: string, required: true }
readme: { body: README.body.md.hbs }
`,
  "runs/assay/README.body.md.hbs": "## {{sample}}\n",
  "runs/assay/{{slug sample}}.txt.hbs":
    "{{label}} of {{equipment_label}}, {{formatDate run_date 'yyyy-MM-dd HH:mm'}}, {{created_at}}\n",
  "runs/assay/plain.txt.hbs": "{{sample}} {{run_name}} {{project_name}}\n",
  "runs/assay/raw/.gitkeep": "",
  "runs/assay/table.bin": "\u0000\u0001",
}

const write = (path: string, text: string | Uint8Array) => {
  fs.mkdirSync(dirname(path), { recursive: true })
  fs.writeFileSync(path, text)
}

const settings = (over: object = {}) => ({
  equipment: [{ id: "DEMO_01", label: "Old label", nasRoot: "" }],
  timeZone: "Asia/Kathmandu",
  ...over,
})

/** A run in a world, and the check of it as it is when it is asked for. */
const withRun = <A, E, R>(
  body: (place: { readonly root: string; readonly run: string }) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const root = yield* fastTemporaryDirectory
    for (const [path, text] of Object.entries(templates)) write(join(root, "templates", path), text)
    return yield* Effect.gen(function* () {
      yield* made(projectRequest({ templatePath: "study" }))
      const run = yield* made(
        runRequest({
          templatePath: "assay",
          variables: { sample: "HeLa cells" },
          readmeExtra: { room: "B2" },
        }),
      )
      return yield* body({ root, run })
    }).pipe(Effect.provide(driftWorld(root, { settings: settings() })))
  })

const record = (run: string, name: string) => join(run, ".exlab-wizard", name)

/** The records as far as they are changed here. */
interface Records {
  schema_version: string
  sync_status: string
  variables: Record<string, unknown>
  provenance?: { rendering?: { variables: Record<string, string> }; records?: object }
  core_fields: Record<string, string>
  files: Array<Record<string, unknown>>
}

const changeJson = (path: string, change: (json: Records) => unknown) => {
  const json = JSON.parse(fs.readFileSync(path, "utf8")) as Records
  change(json)
  fs.writeFileSync(path, JSON.stringify(json, null, 2))
}

const stateOf = ({ sources }: DriftReport, wanted: string) => sources.find(({ source }) => source === wanted)

const fileIn = ({ files }: DriftReport, wanted: string) => files.find(({ path }) => path === wanted)

const sha256 = (path: string) => createHash("sha256").update(fs.readFileSync(path)).digest("hex")

/** The checksums that a sync leaves. */
const sync = (run: string, more: string | Buffer = "") => {
  const paths = [...filesIn(run), ".exlab-wizard/files.json", ".exlab-wizard/readme_fields.json"]
  const bytes = checksumsBytes(paths.map((path) => ({ path, sha256: sha256(join(run, path)) })))
  fs.writeFileSync(record(run, "checksums.sha256"), Buffer.concat([bytes, Buffer.from(more)]))
}

describe("a run without drift", () => {
  it.scopedLive("is compared with all that is on record, each file by itself", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        sync(run)
        const report = yield* checked(run)
        expect(report).toMatchObject({ path: run, level: "run", ok: true, template: { status: "matches" } })
        expect(report.counts).toMatchObject({ same: report.files.length })
        expect(
          report.files.map(({ expected, origin, path }) => [path, origin, expected.map((one) => one.source)]),
        ).toEqual([
          [".exlab-answers.yml", "rendered", ["published", "rendered", "synced"]],
          [".exlab-wizard/files.json", "record", ["recorded", "synced"]],
          [".exlab-wizard/readme_fields.json", "record", ["recorded", "synced"]],
          ["README.md", "readme", ["readme", "synced"]],
          ["hela-cells.txt", "rendered", ["published", "rendered", "synced"]],
          ["plain.txt", "rendered", ["published", "rendered", "synced"]],
          ["raw/", "directory", []],
          ["table.bin", "copied", ["published", "rendered", "synced"]],
        ])
        const table = { size: 2, sha256: sha256(join(run, "table.bin")) }
        expect(fileIn(report, "table.bin")).toMatchObject({
          found: table,
          expected: [{ ...table, agrees: true }, {}, {}],
        })
        expect(yield* checked(dirname(dirname(run)))).toMatchObject({ level: "project", ok: true })
      }),
    ),
  )

  it.scopedLive("has none in another time zone, with another label, or with its templates elsewhere", () =>
    withRun(({ root, run }) =>
      Effect.gen(function* () {
        fs.renameSync(join(root, "templates"), join(root, "moved"))
        const later = driftWorld(root, {
          settings: settings({
            equipment: [{ id: "DEMO_01", label: "New label", nasRoot: "" }],
            timeZone: "America/New_York",
            paths: { templatesDir: join(root, "moved") },
          }),
        })
        const report = yield* Effect.provide(checked(run), later)
        expect(report).toMatchObject({ ok: true, template: { status: "matches" } })
        expect(stateOf(report, "rendered")).toMatchObject({ state: "compared" })
      }),
    ),
  )

  it.scopedLive("may have been given data, may have been renamed, and moved to another project", () =>
    withRun(({ root, run }) =>
      Effect.gen(function* () {
        write(join(run, "raw", "image.tif"), "pixels")
        fs.symlinkSync("image.tif", join(run, "raw", "latest.tif"))
        const moved = join(root, "local", "DEMO_01", "OTHER", "Runs", "Run_2020-01-01T00-00-00")
        fs.mkdirSync(dirname(moved), { recursive: true })
        fs.renameSync(run, moved)
        const report = yield* checked(moved)
        expect(report.ok).toBe(true)
        expect(drifted(report)).toEqual({ "raw/image.tif": "added", "raw/latest.tif": "added" })
        expect(fileIn(report, "raw/image.tif")?.found).toEqual({ size: 6, sha256: null })
        expect(fileIn(report, "raw/latest.tif")?.detail).toBe("is a symlink")
      }),
    ),
  )

  it.scopedLive("that was cleaned up lacks its data rightly, and its records not", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        changeJson(record(run, "creation.json"), (json) => (json.sync_status = "cleaned"))
        for (const path of [...filesIn(run), "raw"]) fs.rmSync(join(run, path), { recursive: true })
        const report = yield* checked(run)
        expect(report).toMatchObject({ ok: true, counts: { cleaned: 6, same: 2 } })
        fs.rmSync(record(run, "files.json"))
        expect(drifted(yield* checked(run))).toMatchObject({ ".exlab-wizard/files.json": "missing" })
      }),
    ),
  )
})

describe("a template that isn't what it was", () => {
  const without = (run: string, status: string) =>
    Effect.gen(function* () {
      fs.writeFileSync(join(run, "plain.txt"), "edited")
      const report = yield* checked(run)
      expect(report.template).toMatchObject({ name: "assay", version: "2", status })
      expect(report.template.recordedDigest).toMatch(/^[0-9a-f]{64}$/)
      expect(stateOf(report, "rendered")?.state).toBe("none")
      expect(drifted(report)).toEqual({ "plain.txt": "changed" })
      expect(fileIn(report, "table.bin")?.expected.map(({ source }) => source)).toEqual(["published"])
      return report
    })

  it.scopedLive("is told with both digests, and files.json counts all the same", () =>
    withRun(({ root, run }) =>
      Effect.gen(function* () {
        fs.appendFileSync(join(root, "templates/runs/assay/plain.txt.hbs"), "more")
        const { template } = yield* without(run, "changed")
        expect(template.foundDigest).toMatch(/^[0-9a-f]{64}$/)
        expect(template.foundDigest).not.toBe(template.recordedDigest)
      }),
    ),
  )

  it.scopedLive.each([
    ["gone", "missing", (template: string) => fs.rmSync(template, { recursive: true })],
    ["without its manifest", "missing", (template: string) => fs.rmSync(join(template, "template.yaml"))],
    ["broken", "unusable", (template: string) => fs.writeFileSync(join(template, "plain.txt.hbs"), "{{#if")],
  ] as const)("is told when it is %s", ([, status, spoil]) =>
    withRun(({ root, run }) =>
      Effect.gen(function* () {
        spoil(join(root, "templates/runs/assay"))
        const { template } = yield* without(run, status)
        expect(template).toMatchObject({ foundDigest: null, detail: expect.stringMatching(/\S/) })
      }),
    ),
  )
})

describe("records", () => {
  it.scopedLive("that say other answers don't give the same files", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        changeJson(record(run, "creation.json"), (json) => (json.variables.sample = "Jurkat"))
        const report = yield* checked(run)
        expect(report.ok).toBe(false)
        expect(drifted(report)).toEqual({
          ".exlab-answers.yml": "not_reproduced",
          ".exlab-wizard/readme_fields.json": "not_reproduced",
          "hela-cells.txt": "not_reproduced",
          "plain.txt": "not_reproduced",
        })
        expect(fileIn(report, "hela-cells.txt")?.detail).toContain("jurkat.txt")
        changeJson(record(run, "creation.json"), (json) => (json.variables.sample = 7))
        changeJson(record(run, "creation.json"), (json) =>
          Object.assign(json.provenance?.rendering?.variables ?? {}, { label: "x" }),
        )
        expect(drifted(yield* checked(run))).toMatchObject({ "hela-cells.txt": "not_reproduced" })
        changeJson(record(run, "creation.json"), (json) => (json.variables = {}))
        const none = yield* checked(run)
        expect(none.ok).toBe(false)
        expect(stateOf(none, "rendered")).toMatchObject({
          state: "broken",
          detail: expect.stringContaining("sample"),
        })
      }),
    ),
  )

  it.scopedLive("of a README tell an edited one, and are told themselves", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        const readme = fs.readFileSync(join(run, "README.md"), "utf8")
        fs.writeFileSync(join(run, "README.md"), readme.replace("B2", "C3"))
        const edited = yield* checked(run)
        expect(drifted(edited)).toEqual({ "README.md": "changed" })
        expect(fileIn(edited, "README.md")?.detail).toContain("readme_fields.json")
        fs.writeFileSync(join(run, "README.md"), readme)
        changeJson(record(run, "readme_fields.json"), (json) => (json.core_fields.label = "x"))
        expect(drifted(yield* checked(run))).toEqual({
          ".exlab-wizard/readme_fields.json": "changed",
          "README.md": "changed",
        })
        fs.writeFileSync(record(run, "readme_fields.json"), "{")
        const broken = yield* checked(run)
        expect(stateOf(broken, "readme")?.state).toBe("broken")
        expect(drifted(broken)).toMatchObject({ "README.md": "not_verifiable" })
        fs.rmSync(record(run, "readme_fields.json"))
        const gone = yield* checked(run)
        expect(stateOf(gone, "readme")?.state).toBe("none")
        expect(drifted(gone)).toMatchObject({ ".exlab-wizard/readme_fields.json": "missing" })
      }),
    ),
  )

  const spoilt: ReadonlyArray<readonly [string, (path: string) => void, string]> = [
    ["cut short", (path) => fs.truncateSync(path, 100), "changed"],
    ["huge", (path) => fs.truncateSync(path, 257 * 1024 * 1024), "changed"],
    [
      "of another major version",
      (path) => changeJson(path, (json) => (json.schema_version = "2.0")),
      "changed",
    ],
    ["a folder", (path) => (fs.rmSync(path), fs.mkdirSync(path)), "changed"],
    ["gone", (path) => fs.rmSync(path), "missing"],
  ]

  it.scopedLive.each(spoilt)(
    "a files.json that is %s is told, and the rendering counts alone",
    ([, spoil, status]) =>
      withRun(({ run }) =>
        Effect.gen(function* () {
          spoil(record(run, "files.json"))
          fs.writeFileSync(join(run, "plain.txt"), "edited")
          fs.rmSync(join(run, "table.bin"))
          write(join(run, "raw", "image.tif"), "pixels")
          const report = yield* checked(run)
          expect(report.ok).toBe(false)
          expect(stateOf(report, "published")?.state).toBe(status === "missing" ? "none" : "broken")
          expect(drifted(report)).toEqual({
            ".exlab-wizard/files.json": status,
            "plain.txt": "changed",
            "raw/image.tif": "added",
            "table.bin": "missing",
          })
        }),
      ),
  )

  it.scopedLive("a files.json that was tampered with gives itself away", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        const path = record(run, "files.json")
        const text = fs.readFileSync(path, "utf8")
        changeJson(path, (json) =>
          json.files.splice(
            json.files.findIndex((file) => file.path === "plain.txt"),
            1,
          ),
        )
        expect(drifted(yield* checked(run))).toEqual({
          ".exlab-wizard/files.json": "changed",
          "plain.txt": "not_reproduced",
        })
        fs.writeFileSync(path, text)
        fs.writeFileSync(join(run, "plain.txt"), "edited")
        changeJson(path, (json) => {
          const file = json.files.find((one) => one.path === "plain.txt")
          Object.assign(file ?? {}, {
            sha256: sha256(join(run, "plain.txt")),
            sha256_rendered: sha256(join(run, "plain.txt")),
          })
          json.files.push({ ...file, path: "../../escape", source: "x" })
        })
        expect(drifted(yield* checked(run))).toEqual({
          "../../escape": "missing",
          ".exlab-wizard/files.json": "changed",
          "plain.txt": "not_reproduced",
        })
      }),
    ),
  )

  it.scopedLive("from before all was recorded are checked as far as they go", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        changeJson(record(run, "creation.json"), ({ provenance }) => {
          delete provenance?.rendering
          delete provenance?.records
        })
        const report = yield* checked(run)
        expect(report).toMatchObject({ ok: true, template: { status: "matches" } })
        expect(report.sources.map(({ state }) => state)).toEqual([
          "compared",
          "partly",
          "compared",
          "none",
          "none",
        ])
        // Its time has no fractions of a second on record.
        expect(fileIn(report, "hela-cells.txt")?.expected.map(({ source }) => source)).toEqual(["published"])
        expect(fileIn(report, "plain.txt")?.expected.map(({ source }) => source)).toEqual([
          "published",
          "rendered",
        ])
        fs.writeFileSync(join(run, "table.bin"), "edited")
        expect(drifted(yield* checked(run))).toEqual({ "table.bin": "changed" })
        fs.rmSync(record(run, "files.json"))
        const bare = yield* checked(run)
        expect(drifted(bare)).toEqual({ "hela-cells.txt": "not_verifiable", "table.bin": "not_verifiable" })
        changeJson(record(run, "creation.json"), (json) => delete json.provenance)
        const other = yield* checked(run)
        expect(other.template).toMatchObject({ status: "not_recorded", recordedDigest: null })
        expect(drifted(other)).toMatchObject({ "plain.txt": "not_verifiable" })
      }),
    ),
  )
})

describe("what was synced", () => {
  it.scopedLive("is compared as well, data included", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        write(join(run, "raw", "a.tif"), "pixels")
        write(join(run, "raw", "b\\c\nd.tif"), "pixels")
        sync(run, Buffer.from(`${sha256(join(run, "raw/a.tif"))}  raw/stray\xff\n`, "latin1"))
        fs.writeFileSync(Buffer.from(`${run}/raw/stray\xff`, "latin1"), "pixels")
        const before = yield* checked(run)
        expect({ ok: before.ok, drifted: drifted(before) }).toEqual({ ok: true, drifted: {} })
        fs.writeFileSync(join(run, "raw", "a.tif"), "pixel5")
        fs.rmSync(join(run, "raw", "b\\c\nd.tif"))
        write(join(run, "raw", "later.tif"), "pixels")
        expect(drifted(yield* checked(run))).toEqual({
          "raw/a.tif": "changed",
          "raw/b\\c\nd.tif": "missing",
          "raw/later.tif": "added",
        })
      }),
    ),
  )

  it.scopedLive("counts line by line where some are bad, and not at all where nothing is left", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        write(join(run, "raw", "a.tif"), "pixels")
        sync(run, `rubbish\n\u0000\n${"0".repeat(64)} *raw/a.tif\n`)
        const report = yield* checked(run)
        expect(report.ok).toBe(false)
        expect(stateOf(report, "synced")).toMatchObject({
          state: "broken",
          detail: expect.stringMatching(/line 9, 10$/),
        })
        expect(drifted(report)).toEqual({ "raw/a.tif": "changed" })
        fs.truncateSync(record(run, "checksums.sha256"), 0)
        expect(stateOf(yield* checked(run), "synced")?.state).toBe("broken")
        fs.truncateSync(record(run, "checksums.sha256"), 257 * 1024 * 1024)
        expect(stateOf(yield* checked(run), "synced")?.state).toBe("broken")
      }),
    ),
  )
})

describe("a directory in disorder", () => {
  it.scopedLive("is looked at as far as it can be", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        write(join(run, "locked", "a.tif"), "pixels")
        write(join(run, "raw", "a.tif"), "pixels")
        sync(run)
        fs.symlinkSync("..", join(run, "raw", "loop"))
        const faults = yield* DiskFaults
        yield* faults.arm((operation) =>
          operation.paths.some((path) => path.startsWith(join(run, "locked"))) && operation.name === "list"
            ? Action.FailBefore({ errno: "EACCES" })
            : Action.Pass(),
        )
        const report = yield* checked(run)
        yield* faults.disarm
        expect(drifted(report)).toEqual({
          "locked/": "not_verifiable",
          "locked/a.tif": "not_verifiable",
          "raw/loop": "added",
        })
        expect(fileIn(report, "locked/")?.detail).toContain("EACCES")
      }),
    ),
  )

  const during =
    (name: Operation["name"], path: string, what: () => void): Plan =>
    (operation) =>
      operation.name === name && operation.paths[0] === path
        ? Action.RunBefore({ effect: Effect.sync(what) })
        : Action.Pass()

  it.scopedLive("that changes while it is read is told file by file", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        const table = join(run, "table.bin")
        yield* faults.arm(during("hashFile", table, () => fs.appendFileSync(table, "x")))
        const growing = yield* checked(run)
        expect(fileIn(growing, "table.bin")).toMatchObject({
          status: "not_verifiable",
          detail: "changes while it is read",
        })
        yield* faults.arm(during("hashFile", table, () => fs.rmSync(table, { force: true })))
        const vanishing = yield* checked(run)
        expect(fileIn(vanishing, "table.bin")).toMatchObject({
          status: "missing",
          detail: expect.stringContaining("vanished"),
        })
        const raw = join(run, "raw")
        yield* faults.arm(during("list", raw, () => fs.rmSync(raw, { recursive: true, force: true })))
        expect(drifted(yield* checked(run))).toEqual({ "raw/": "missing", "table.bin": "missing" })
        yield* faults.disarm
      }),
    ),
  )

  it.scopedLive(
    "that fails at any point, or is left there, gives a report or a typed error, and leaves no trace",
    () =>
      withRun(({ root, run }) =>
        Effect.gen(function* () {
          sync(run)
          const seen = snapshotOf(root)
          yield* sweep(checked(run), (disturbance, exit) =>
            Effect.sync(() => {
              const isOk = Exit.isSuccess(exit) && exit.value.ok
              const isInterrupted = disturbance.how.startsWith("interrupted")
              if (isInterrupted) expect(Exit.isInterrupted(exit) || isOk).toBe(true)
              else if (Exit.isFailure(exit)) expect(exit.cause).toMatchObject({ _tag: "Fail" })
            }),
          )
          expect(snapshotOf(root)).toEqual(seen)
        }),
      ),
  )

  it.scopedLive("is left at once when it is interrupted in the middle of a file", () =>
    withRun(({ run }) =>
      Effect.gen(function* () {
        const table = join(run, "table.bin")
        fs.truncateSync(table, 64 * 1024 * 1024 * 1024)
        const faults = yield* DiskFaults
        const reading = yield* Deferred.make<void>()
        yield* faults.arm(({ name, paths }) =>
          name === "hashFile" && paths[0] === table
            ? Action.RunBefore({ effect: Effect.asVoid(Deferred.succeed(reading, undefined)) })
            : Action.Pass(),
        )
        const fiber = yield* Effect.fork(checked(run))
        yield* Deferred.await(reading)
        expect(Exit.isInterrupted(yield* Fiber.interrupt(fiber))).toBe(true)
      }),
    ),
  )

  it.scopedLive("or none that is managed is an error that says so", () =>
    withRun(({ root, run }) =>
      Effect.gen(function* () {
        const refused = (path: string) => Effect.map(Effect.flip(checked(path)), (error) => error._tag)
        expect(yield* refused(join(run, "raw"))).toBe("RunNotFound")
        expect(yield* refused(`${run}-2`)).toBe("RunNotFound")
        expect(yield* refused(root)).toBe("RunNotFound")
        changeJson(record(run, "creation.json"), (json) => (json.schema_version = "2.0"))
        expect(yield* refused(run)).toBe("SchemaMajorMismatch")
        fs.writeFileSync(record(run, "creation.json"), "{")
        expect(yield* refused(run)).toBe("RecordUnreadable")
        fs.rmSync(record(run, "creation.json"))
        expect(yield* refused(run)).toBe("RecordUnreadable")
      }),
    ),
  )
})
