import { mkdir, rm, writeFile } from "node:fs/promises"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { runProgram } from "./program.ts"

const illegal = "plate 1: blank.txt"

/** A lab in which a run is an orphan. */
const lab = Effect.gen(function* () {
  const cwd = yield* temporaryDirectory
  const run = join(cwd, "lab", "DEMO_01", "PROJ-1", "Runs", "Run_2026-04-17T14-32-00")
  yield* Effect.promise(async () => {
    await writeFile(
      join(cwd, "exlab-wizard.yaml"),
      "paths: { local_root: lab, state_dir: state }\nequipment: [{ id: DEMO_01, label: Demonstration }]\n",
    )
    await mkdir(run, { recursive: true })
  })
  return {
    run,
    spoil: Effect.promise(() => writeFile(join(run, illegal), "")),
    mend: Effect.promise(() => rm(join(run, illegal))),
    audit: (...words: ReadonlyArray<string>) => runProgram(["audit", ...words], { cwd }),
  }
})

describe("audit", () => {
  it.scopedLive("leaves what a dead session left where it is, and tells of it each time", () =>
    Effect.gen(function* () {
      const { audit, run } = yield* lab
      const left = join(dirname(run), ".exlab-wizard", "staging", "Run_2026-04-18T09-00-00", "tree")
      yield* Effect.promise(() => mkdir(left, { recursive: true }))
      for (const scope of [[], [], [run], []]) {
        const { stdout } = yield* audit(...scope)
        expect(stdout.includes(" soft interrupted_creation: ")).toBe(scope.length === 0)
        expect(existsSync(left)).toBe(true)
      }
    }),
  )

  it.scopedLive("prints a finding a line, and ends with 1 when a hard one isn't overridden", () =>
    Effect.gen(function* () {
      const { audit, mend, run, spoil } = yield* lab
      const sound = yield* audit()
      expect(sound.code).toBe(0)
      expect(sound.stdout.trim().split("\n")).toEqual([
        expect.stringMatching(/PROJ-1 soft orphan: /),
        expect.stringMatching(/Run_2026-04-17T14-32-00 soft orphan: /),
      ])
      expect(sound.stderr).toContain("everything: 2 directories, 2 findings")
      yield* spoil
      const everything = yield* audit()
      expect(everything.stdout.trim().split("\n")).toEqual([
        expect.stringContaining(" hard illegal_filesystem_character: "),
        expect.stringMatching(/PROJ-1 soft orphan: /),
        expect.stringMatching(/Run_2026-04-17T14-32-00 soft orphan: /),
      ])
      const spoilt = yield* audit(run)
      expect(spoilt.code).toBe(1)
      expect(spoilt.stdout).toContain(`${join(run, illegal)} hard illegal_filesystem_character: `)
      expect(spoilt.stderr).toContain(
        "1 of 2 findings keep a directory from the NAS: mend them; without a creation.json they can't",
      )
      const json = yield* audit("--json", "DEMO_01/PROJ-1")
      expect(json.code).toBe(1)
      expect(JSON.parse(json.stdout)).toMatchObject({
        directories: 2,
        findings: [
          { rule: "illegal_filesystem_character", run_path: run },
          { rule: "orphan" },
          { rule: "orphan", run_path: run },
        ],
      })
      yield* mend
      expect((yield* audit("DEMO_01")).code).toBe(0)
    }),
  )

  it.scopedLive("is a line a finding, whatever a file is called", () =>
    Effect.gen(function* () {
      const { audit, run } = yield* lab
      yield* Effect.promise(() => writeFile(join(run, "a\n\u001b[31mx hard fake: forged"), ""))
      const { stdout } = yield* audit(run)
      expect(stdout.trim().split("\n")).toHaveLength(2)
      expect(stdout).toContain("/a\\n\\u001b[31mx hard fake: forged hard illegal_filesystem_character")
    }),
  )

  it.scopedLive("says what it can't look at", () =>
    Effect.gen(function* () {
      const { audit } = yield* lab
      const gone = yield* audit("DEMO_01/PROJ-2")
      expect(gone).toMatchObject({ code: 1, stdout: "" })
      expect(gone.stderr).toContain(
        "PROJ-2 is no equipment, project or run below the local root; name the folder of one",
      )
      expect((yield* audit("/etc")).code).toBe(1)
      expect((yield* audit("--depth", "2")).code).toBe(2)
    }),
  )
})
