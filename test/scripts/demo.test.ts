import { execFile } from "node:child_process"
import { readFile, readdir } from "node:fs/promises"
import { join, relative } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { compiled } from "../support/compiled.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const run = promisify(execFile)
const source = new URL("../../scripts/demo.ts", import.meta.url)

const runDemo = (root: string) =>
  Effect.gen(function* () {
    const file = yield* compiled(source.href)
    const { stderr, stdout } = yield* Effect.promise(() =>
      run(process.execPath, [file, "--root", root, "--json"]),
    )
    const made: Readonly<Record<string, string>> = JSON.parse(stdout)
    return { made, stderr }
  })

it.scopedLive(
  "the demo ends with everything that it made verified on its NAS, also where it was before",
  () =>
    Effect.gen(function* () {
      const root = join(yield* temporaryDirectory, "lab")
      const first = yield* runDemo(root)
      const { made, stderr } = yield* runDemo(root)
      expect(Object.keys(made)).toEqual(["project", "experimental", "test", "instrument"])
      expect(made["project"]).not.toBe(first.made["project"])
      expect(stderr.match(/^ {2}verified, \d+ files/gm)).toHaveLength(4)
      for (const path of [...Object.values(first.made), ...Object.values(made)]) {
        const copy = join(`${root}-nas`, relative(root, path))
        const names = yield* Effect.promise(() => readdir(join(copy, ".exlab-wizard")))
        expect(names).toContain("checksums.sha256")
        for (const name of ["README.md", join(".exlab-wizard", "creation.json")]) {
          const [here, there] = yield* Effect.promise(() =>
            Promise.all([path, copy].map((folder) => readFile(join(folder, name), "utf8"))),
          )
          expect(there).toBe(here)
        }
        const record = yield* Effect.promise(() =>
          readFile(join(path, ".exlab-wizard/creation.json"), "utf8"),
        )
        expect(JSON.parse(record)).toMatchObject({ sync_status: "synced" })
      }
    }),
  300_000,
)
