import { execFileSync } from "node:child_process"
import { closeSync, ftruncateSync, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer, Schema } from "effect"
import { removeTree } from "../../layers/disk/trees.ts"
import { Finding } from "../../src/domain/Finding.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { DiskFaults } from "../support/FaultDisk.ts"
import { ownersRights } from "../support/ownersRights.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { auditEvents, audited, plantDirectory, plantTemplate, realLab } from "./lab.ts"

/** A real lab with a sound project and a sound run. */
const inRealLab = <A, E>(
  body: (
    run: string,
    local: string,
  ) => Effect.Effect<A, E, Disk | Layer.Layer.Success<ReturnType<typeof realLab>>>,
) =>
  Effect.flatMap(fastTemporaryDirectory, (folder) => {
    const local = join(folder, "local")
    const run = join(local, "DEMO_01/PROJ-0042/Runs/Run_1")
    return Effect.gen(function* () {
      yield* plantTemplate("plain", [], folder)
      yield* plantDirectory(dirname(dirname(run)))
      yield* plantDirectory(run)
      yield* Effect.addFinalizer(() => Effect.orDie(removeTree(local)))
      return yield* body(run, local)
    }).pipe(Effect.provide(realLab(folder)))
  })

const below = (local: string, findings: ReadonlyArray<Finding>) =>
  findings.map(({ offendingPath, rule }) => `${rule} ${offendingPath.slice(local.length + 1)}`)

const nested = (top: string, name: string, bytes: number): string => {
  const path = join(top, ...Array.from({ length: Math.ceil(bytes / (name.length + 1)) }, () => name))
  mkdirSync(path, { recursive: true })
  return path
}

const run1 = "DEMO_01/PROJ-0042/Runs/Run_1"

describe("an audit finishes, and says what it couldn't look at", () => {
  it.scopedLive("below a path that no call takes", () =>
    inRealLab((run, local) =>
      Effect.gen(function* () {
        const deep = nested(join(run, "deep"), "twenty bytes a name", 3000)
        nested(join(run, "other"), "twenty bytes a name", 3000)
        renameSync(join(run, "other"), join(deep, "other"))
        writeFileSync(join(run, "a:b"), "")
        const findings = yield* audited()
        expect(findings.map(({ rule }) => rule)).toEqual([
          "illegal_filesystem_character",
          "unreadable_record",
        ])
        expect(findings[1]?.ruleDetail).toContain("ENAMETOOLONG")
        expect(below(local, findings)[0]).toBe(`illegal_filesystem_character ${run1}/a:b`)
      }),
    ),
  )

  it.scopedLive("two thousand directories deep", () =>
    inRealLab((run) =>
      Effect.gen(function* () {
        const deepest = nested(run, "d", 3900)
        writeFileSync(join(deepest, "x|y"), "")
        const [finding, ...others] = yield* audited()
        expect(others).toEqual([])
        expect(finding?.offendingPath).toBe(join(deepest, "x|y"))
      }),
    ),
  )

  it.scopedLive("among twenty thousand files of one directory", () =>
    inRealLab((run, local) =>
      Effect.gen(function* () {
        mkdirSync(join(run, "raw"))
        for (let n = 0; n < 20_000; n += 1) writeFileSync(join(run, "raw", `${n}.tif`), "")
        writeFileSync(join(run, "raw", "10000:.tif"), "")
        expect(below(local, yield* audited())).toEqual([
          `illegal_filesystem_character ${run1}/raw/10000:.tif`,
        ])
      }),
    ),
  )

  it.scopedLive("with names that aren't UTF-8, at every level", () =>
    inRealLab((run, local) =>
      Effect.gen(function* () {
        const bytes = (path: string) => Buffer.concat([Buffer.from(path), Buffer.from([0xff])])
        writeFileSync(bytes(join(run, "file")), "")
        mkdirSync(bytes(join(run, "folder")))
        mkdirSync(bytes(join(dirname(run), "Run_2")))
        mkdirSync(bytes(join(local, "DEMO_01/P")))
        mkdirSync(bytes(join(local, "E")))
        const findings = yield* audited()
        expect(below(local, findings)).toEqual([
          `illegal_filesystem_character DEMO_01/PROJ-0042/Runs/Run_1/file\\xff`,
          `illegal_filesystem_character DEMO_01/PROJ-0042/Runs/Run_1/folder\\xff`,
          `illegal_filesystem_character DEMO_01/PROJ-0042/Runs/Run_2\\xff`,
          `illegal_filesystem_character DEMO_01/P\\xff`,
          `orphan DEMO_01/PROJ-0042/Runs/Run_2\\xff`,
          `orphan DEMO_01/P\\xff`,
          `unsafe_project_name DEMO_01/P\\xff`,
          `unregistered_equipment E\\xff`,
        ])
        const events = yield* auditEvents("")
        expect(JSON.parse(JSON.stringify(events))).toEqual(events)
        expect(JSON.stringify(events)).not.toMatch(/\\ud[89a-f]/)
        const wire = yield* Schema.encode(Schema.Array(Finding))(findings)
        expect(JSON.stringify(wire)).not.toMatch(/\\ud[c-f]/)
      }),
    ),
  )

  it.scopedLive("with records that are huge, a pipe, a directory or of another version", () =>
    inRealLab((run, local) =>
      Effect.gen(function* () {
        const record = join(run, ".exlab-wizard/creation.json")
        const makers: ReadonlyArray<readonly [says: string, make: () => void]> = [
          [
            "larger",
            () => {
              const file = openSync(record, "w")
              ftruncateSync(file, 64 * 1024 * 1024)
              closeSync(file)
            },
          ],
          ["", () => execFileSync("mkfifo", [record])],
          ["", () => mkdirSync(record)],
          ["", () => writeFileSync(record, "[".repeat(1_000_000))],
          ["version", () => writeFileSync(record, '{"schema_version":"2.0"}')],
          ["", () => writeFileSync(record, Buffer.from([0xff, 0xfe, 0x00]))],
        ]
        for (const [says, make] of makers) {
          yield* removeTree(record)
          make()
          const findings = yield* audited()
          expect(below(local, findings)).toEqual([`unreadable_record ${run1}/.exlab-wizard/creation.json`])
          expect(findings[0]?.ruleDetail).toContain(says)
        }
      }),
    ),
  )

  it.scopedLive("for a user who may not read everything", () =>
    inRealLab((run, local) =>
      Effect.gen(function* () {
        const disk = yield* Disk
        const { arm } = yield* DiskFaults
        mkdirSync(join(run, "raw/closed"), { recursive: true })
        writeFileSync(join(run, "a:b"), "")
        mkdirSync(join(local, "DEMO_01/PROJ-1/Runs"), { recursive: true })
        yield* disk.setMode(join(run, "raw/closed"), 0)
        yield* disk.setMode(join(local, "DEMO_01/PROJ-1/Runs"), 0)
        yield* disk.setMode(join(run, ".exlab-wizard/files.json"), 0)
        yield* arm(ownersRights(local))
        expect(below(local, yield* audited())).toEqual([
          "unreadable_record DEMO_01/PROJ-0042/Runs/Run_1/.exlab-wizard/files.json",
          `illegal_filesystem_character ${run1}/a:b`,
          "unreadable_record DEMO_01/PROJ-0042/Runs/Run_1/raw/closed",
          "unreadable_record DEMO_01/PROJ-1/Runs",
          "orphan DEMO_01/PROJ-1",
        ])
      }),
    ),
  )
})
