import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { bagProblems } from "../../support/bag.ts"
import { makeRun, plant, runPath } from "../export/world.ts"
import { runAtTerminal, runProgram } from "./program.ts"

/** A lab with one run, and what exports it there. */
const lab = Effect.map(temporaryDirectory, (cwd) => {
  const { out, run } = makeRun(cwd)
  plant(cwd, { "exlab-wizard.yaml": "paths: { local_root: local }\nexport: { license: CC0-1.0 }\n" })
  const exporting = (...words: ReadonlyArray<string>) => runProgram(["export", ...words], { cwd })
  return { cwd, out, run, exporting }
})

const name = "PROJ-0042_Run_2026-04-17T14-32-00"

describe("export", () => {
  it.scopedLive("writes here by the run's name, or where it is told, and prints where", () =>
    Effect.gen(function* () {
      const { cwd, exporting, run } = yield* lab
      const here = yield* exporting("--format", "ro-crate", run)
      expect(here).toMatchObject({ code: 0, stdout: `${join(cwd, name)}\n` })
      expect(here.stderr).toMatch(/^( {2}\d\/3 \S+\n)* {2}3\/3 \.exlab-wizard\/creation\.json\n$/)
      expect(readFileSync(join(cwd, name, "ro-crate-metadata.json"), "utf8")).toContain("licenses/CC0-1.0")
      const zipped = yield* exporting("--format", "bagit", "--zip", runPath)
      expect(zipped).toMatchObject({ code: 0, stdout: `${join(cwd, `${name}.zip`)}\n` })
      const bag = yield* exporting("--format", "bagit", "--to", "out/bag", runPath)
      expect(bag).toMatchObject({ code: 0, stdout: `${join(cwd, "out", "bag")}\n` })
      expect(bagProblems(join(cwd, "out", "bag"))).toEqual([])
      yield* exporting("--format", "ro-crate", "--to", "out/crate.ZIP", runPath)
      expect(
        readFileSync(join(cwd, "out", "crate.ZIP"))
          .subarray(0, 2)
          .toString(),
      ).toBe("PK")
    }),
  )

  it.scopedLive("draws how far it is at a terminal, and leaves nothing of that in front of the path", () =>
    Effect.gen(function* () {
      const { cwd } = yield* lab
      const { code, stdout } = yield* runAtTerminal(["export", "--format", "bagit", runPath], [], { cwd })
      expect(code).toBe(0)
      const last = "\r\u001B[K  3/3 .exlab-wizard/creation.json\r\u001B[K"
      expect(stdout.endsWith(`${last}${join(cwd, name)}\r\n`)).toBe(true)
    }),
  )

  it.scopedLive("tells in JSON how much it is, and what was left out", () =>
    Effect.gen(function* () {
      const { exporting, out, run } = yield* lab
      symlinkSync("data.csv", join(run, "link"))
      const { code, stderr, stdout } = yield* exporting(
        "--format",
        "bagit",
        "--json",
        "--to",
        "out/bag",
        runPath,
      )
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: "! link is a link or special, and isn't exported\n",
      })
      const report = JSON.parse(stdout)
      expect(report).toMatchObject({ path: join(out, "bag"), format: "bagit", files: 3, skipped: ["link"] })
      expect(readFileSync(join(out, "bag", "bag-info.txt"), "utf8")).toContain(
        `Payload-Oxum: ${report.bytes}.3\n`,
      )
    }),
  )

  it.scopedLive("says what is in its way, and what to do, and leaves nothing", () =>
    Effect.gen(function* () {
      const { cwd, exporting, out, run } = yield* lab
      const refused = (stderr: string) => ({ code: 1, stdout: "", stderr: expect.stringContaining(stderr) })
      expect(yield* exporting("--format", "ro-crate", "elsewhere")).toMatchObject(
        refused("no project or run"),
      )
      expect(yield* exporting("--format", "ro-crate", "--to", join(run, "x"), runPath)).toMatchObject(
        refused("choose another place"),
      )
      expect(yield* exporting("--format", "ro-crate", "--to", "out", runPath)).toMatchObject(
        refused("exists already"),
      )
      expect(yield* exporting("--format", "ro-crate", "--to", "no/x", runPath)).toMatchObject(
        refused("isn't there"),
      )
      const misused = yield* exporting(runPath)
      expect(misused).toMatchObject({ code: 2, stdout: "" })
      expect(yield* exporting("--format", "tar", runPath)).toMatchObject({ code: 2, stdout: "" })
      plant(run, { ".exlab-wizard/creation.json": "{" })
      expect(yield* exporting("--format", "ro-crate", runPath)).toMatchObject(
        refused("creation.json can't be read"),
      )
      expect(readdirSync(out)).toEqual([])
      expect(existsSync(join(cwd, name))).toBe(false)
    }),
  )
})
