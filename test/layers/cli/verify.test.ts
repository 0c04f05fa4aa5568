import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { snapshotOf } from "../../support/snapshot.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { runProgram } from "./program.ts"

const templates: Readonly<Record<string, string>> = {
  "template.yaml": 'name: study\nversion: "1"\ntype: project\n',
  "notes.txt.hbs": "{{label}}, {{created_at}}\n",
  "table.bin": "\u0000",
}

const request = [
  ...["equipment_id=DEMO_01", "template_path=study", "label=L", "operator=me", "objective=O"],
  ...["lims_project.short_id=PROJ-1", "lims_project.name_at_creation=N"],
].flatMap((pair) => ["--set", pair])

it.scopedLive("says what drifted and what didn't, and changes nothing", () =>
  Effect.gen(function* () {
    const cwd = yield* temporaryDirectory
    const run = (...words: ReadonlyArray<string>) => runProgram(words, { cwd })
    const template = join(cwd, "templates", "study")
    const project = join(cwd, "lab", "DEMO_01", "PROJ-1")
    const write = (path: string, text: string) => Effect.promise(() => writeFile(path, text))
    yield* Effect.promise(() => mkdir(template, { recursive: true }))
    yield* Effect.forEach(Object.entries(templates), ([name, text]) => write(join(template, name), text))
    yield* write(join(cwd, "exlab-wizard.yaml"), "paths: { templates_dir: templates, local_root: lab }\n")
    expect((yield* run("create", "project", ...request)).code).toBe(0)
    yield* write(join(project, "data.tif"), "pixels")

    const fresh = snapshotOf(cwd)
    const before = yield* run("verify", "lab/DEMO_01/PROJ-1")
    expect(before).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("1 added") })
    expect(snapshotOf(cwd)).toEqual(fresh)

    yield* write(join(project, "notes.txt"), "by hand\n")
    yield* Effect.promise(() => rm(join(project, "table.bin")))
    yield* write(join(template, "table.bin"), "\u0001")
    const drifted = snapshotOf(cwd)
    const after = yield* run("verify", "DEMO_01/PROJ-1")
    expect(after).toMatchObject({
      code: 1,
      stdout: "changed\tnotes.txt\tdiffers from what was published\nmissing\ttable.bin\n",
    })
    expect(after.stderr).toContain("template study (changed)")
    const json = yield* run("verify", "--json", "lab/DEMO_01/PROJ-1")
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({
      path: project,
      ok: false,
      template: { status: "changed", source_path: template },
      counts: { changed: 1, missing: 1, added: 1, not_reproduced: 0 },
    })
    expect(snapshotOf(cwd)).toEqual(drifted)
  }),
)
