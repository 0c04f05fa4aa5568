import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Directories } from "../../src/audit/Directories.ts"
import { QueueUnavailable } from "../../src/ports/SyncQueue.ts"
import { DiskFaults } from "../support/FaultDisk.ts"
import { ownersRights } from "../support/ownersRights.ts"
import { known, put, putRecorded, recordAt, withDirectories } from "./tree.ts"

const tell = (path: string) => Effect.flatMap(Directories, (it) => it.describe(path))

const project = `${known}/P-1`
const run = `${project}/Runs/Run_2026-04-17T14-32-00`

/** A project and a run in it. */
const planted = <A, E, R>(body: (local: string) => Effect.Effect<A, E, R>) =>
  withDirectories((local) =>
    Effect.suspend(() => {
      putRecorded(join(local, project), { level: "project" })
      putRecorded(join(local, run), { a_field_of_tomorrow: true })
      put(join(local, run, "raw/a.bin"), new Uint8Array(1000))
      symlinkSync("a.bin", join(local, run, "raw/b.bin"))
      return body(local)
    }),
  )

describe("what is told of a run", () => {
  it.scopedLive("is its records, what the rules find now, and what it holds", () =>
    planted((local) =>
      Effect.gen(function* () {
        const sound = yield* tell(run)
        expect(sound).toMatchObject({
          path: join(local, run),
          level: "run",
          equipmentId: known,
          project: "P-1",
          runKind: "experimental",
          record: { createdBy: "asmith", syncStatus: "pending" },
          readme: { coreFields: { label: "What it is called" } },
          findings: [],
          blocked: false,
          overrides: { overrides: [], dangling: [] },
          syncJob: null,
          sizes: { files: 3, directories: 2, others: 1, complete: true },
          problems: [],
        })
        put(join(local, run, "raw/what: this"), new Uint8Array(24))
        const found = yield* tell(join(local, run))
        expect(found.findings?.map(({ rule }) => rule)).toEqual(["illegal_filesystem_character"])
        expect(found.blocked).toBe(true)
        expect(found.sizes.bytes - sound.sizes.bytes).toBe(24)
      }),
    ),
  )

  it.scopedLive("is of the kind that its record says, and of its folder's where no record is", () =>
    planted((local) =>
      Effect.gen(function* () {
        const other = `${project}/Runs/Run_1`
        putRecorded(join(local, other), { run_kind: "test" })
        expect(yield* tell(other)).toMatchObject({ runKind: "test", record: { runKind: "test" } })
        rmSync(recordAt(join(local, other)))
        expect(yield* tell(other)).toMatchObject({ runKind: "experimental", record: null })
        const bare = `${project}/Runs/TestRun_1`
        mkdirSync(join(local, bare))
        const [mismatch] = (yield* tell(bare)).findings ?? []
        expect(mismatch).toMatchObject({
          rule: "mode_prefix_mismatch",
          ruleDetail: '"TestRun_1" is in Runs (experimental), and begins like test',
        })
      }),
    ),
  )

  it.scopedLive("leaves a project's runs to themselves", () =>
    planted(() =>
      Effect.gen(function* () {
        const { level, sizes } = yield* tell(`${project}/`)
        expect({ level, files: sizes.files }).toEqual({ level: "project", files: 2 })
      }),
    ),
  )

  it.scopedLive("has every override, with whether it holds", () =>
    planted((local) =>
      Effect.gen(function* () {
        const entry = {
          problem_class: "orphan",
          operator: "asmith",
          recorded_at: "2026-04-18",
          reason: "known",
        }
        const validation_overrides = [
          { id: "a", ...entry },
          { id: "b", ...entry, expires_at: "2020-01-01" },
          { id: "c", ...entry },
          { id: "d", ...entry, operator: "jdoe", revokes: "c", revoked: true },
          { id: "e", ...entry, revokes: "nobody", revoked: true },
        ]
        putRecorded(join(local, run), { validation_overrides })
        const { overrides } = yield* tell(run)
        expect(overrides.overrides.map(({ id, state }) => [id, state])).toEqual([
          ["a", "active"],
          ["b", "expired"],
          ["c", "revoked"],
        ])
        expect(overrides.overrides[2]?.revocations).toMatchObject([{ id: "d", operator: "jdoe" }])
        expect(overrides.dangling).toMatchObject([{ id: "e", revokes: "nobody" }])
      }),
    ),
  )
})

describe("what can't be told of a run", () => {
  it.scopedLive("is named, and keeps back nothing else", () =>
    planted((local) =>
      Effect.gen(function* () {
        put(recordAt(join(local, run), "readme_fields.json"), "no JSON")
        const noReadme = yield* tell(run)
        expect(noReadme).toMatchObject({ readme: null, record: { level: "run" } })
        expect(noReadme.problems).toMatchObject([expect.stringContaining("readme_fields.json can't be read")])
        rmSync(recordAt(join(local, run), "readme_fields.json"))
        expect(yield* tell(run)).toMatchObject({ readme: null, problems: [] })
        put(recordAt(join(local, run)), "no JSON")
        const noRecord = yield* tell(run)
        expect(noRecord).toMatchObject({
          record: null,
          blocked: true,
          findings: [
            {
              rule: "unreadable_record",
              ruleDetail: `"creation.json" can't be read: is not JSON: line 1, column 1`,
            },
          ],
        })
        expect(noRecord.overrides).toEqual({ overrides: [], dangling: [] })
      }),
    ),
  )

  it.scopedLive("is its findings where a folder in it can't be looked into", () =>
    planted((local) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        chmodSync(join(local, run, "raw"), 0)
        yield* faults.arm(ownersRights(local))
        const told = yield* tell(run)
        expect(told).toMatchObject({
          findings: [{ rule: "unreadable_record", offendingPath: join(local, run, "raw") }],
          blocked: true,
          record: { level: "run" },
          sizes: { files: 2, complete: false },
        })
        chmodSync(join(local, run), 0)
        expect(yield* Effect.flip(tell(run))).toMatchObject({ code: "record_unreadable" })
        yield* faults.disarm
        for (const folder of [run, `${run}/raw`]) chmodSync(join(local, folder), 0o755)
      }),
    ),
  )

  it.scopedLive("is anything, where its records are behind a link", () =>
    planted((local) =>
      Effect.gen(function* () {
        const other = join(local, project, "Runs/Run_other")
        mkdirSync(other)
        symlinkSync(join(local, run, ".exlab-wizard"), join(other, ".exlab-wizard"))
        expect(yield* Effect.flip(tell(other))).toMatchObject({
          code: "record_unreadable",
          message: expect.stringContaining("links aren't followed"),
        })
      }),
    ),
  )

  it.scopedLive("is its job, while the queue can't be used", () => {
    const gone = new QueueUnavailable({ path: "/state/queue.db", reason: "the disk is gone" })
    return withDirectories(
      (local) =>
        Effect.gen(function* () {
          putRecorded(join(local, run))
          expect(yield* tell(run)).toMatchObject({ syncJob: null, problems: [gone.message], blocked: false })
        }),
      { status: () => gone, progress: Effect.succeed(new Map()) },
    )
  })

  it.scopedLive("is a run that isn't there, or is elsewhere", () =>
    planted((local) =>
      Effect.gen(function* () {
        symlinkSync(join(local, project), join(local, known, "P-2"))
        const elsewhere = [`${known}/P-2`, `${known}/P-2/Runs/Run_2026-04-17T14-32-00`, `${known}/P-1/raw`]
        for (const path of [
          "",
          known,
          "../x",
          "/etc/passwd",
          "a\u0000/b",
          `${project}/Runs/x`,
          ...elsewhere,
        ]) {
          expect([path, (yield* Effect.flip(tell(path))).code]).toEqual([path, "run_not_found"])
        }
      }),
    ),
  )
})
