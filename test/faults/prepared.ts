import { cpSync, mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, type Scope } from "effect"
import type { Disk } from "../../src/ports/Disk.ts"
import { projectRequest, runRequest } from "../support/requests.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { type Call, create } from "./creation.ts"
import { service } from "./service.ts"

/** Files of a template, by path; `modified` decides whether its stamps count as settled. */
const writeTemplate = (
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  modified: Date,
) => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
    utimesSync(join(folder, path), modified, modified)
  }
}

const longAgo = new Date("2020-01-01T00:00:00Z")

/** However late it is: what might still change is compared by content, too. */
const notYet = new Date("2100-01-01T00:00:00Z")

const run = (name: string, plugins: ReadonlyArray<string>): string =>
  `name: ${name}\nversion: "1"\ntype: run\nrun_scope: both\nplugins: [${plugins.join(", ")}]\n`

const writeTemplates = (root: string) => {
  const global = join(root, "templates")
  const own = join(root, "local", "DEMO_01", ".exlab-wizard", "templates")
  const project = `name: imaging\nversion: "1"\ntype: project\nreadme:\n  body: prose.md.hbs\n`
  writeTemplate(
    join(global, "projects", "imaging"),
    {
      "template.yaml": project,
      "prose.md.hbs": "What {{label}} is about.\n",
      "docs/notes.txt.hbs": "{{label}} by {{operator}}\n",
      "raw/table.bin": Buffer.from([0, 1, 2, 255]),
    },
    notYet,
  )
  writeTemplate(
    join(own, "unfinished"),
    {
      "template.yaml": run("unfinished", []),
      "protocol.txt.hbs": "{{label}} with <laser_power>\n",
      "raw/.gitkeep": "",
    },
    longAgo,
  )
  writeTemplate(
    join(own, "sliced"),
    {
      "template.yaml": run("sliced", ["slicer"]),
      "notes.txt.hbs": "{{label}} by {{operator}}\n",
      "raw/table.bin": Buffer.from([3, 4, 5]),
    },
    longAgo,
  )
}

/** Another's files, in places where this service looks. */
const writeForeign = (root: string) => {
  const files = ["local/notes of the lab.txt", "local/DEMO_01/plan.md", "local/DEMO_01/P-1/Runs/by hand.txt"]
  for (const path of files) writeFileSync(join(root, path), "not the wizard's\n")
}

const lims = (shortId: string) => ({ uid: "u-1", shortId, nameAtCreation: shortId, source: "live" }) as const

/** A creation that must succeed. */
const made = (call: Call) =>
  Effect.filterOrDieMessage(
    create(call),
    ({ session }) => session.state === "done",
    "what stood there before could not be made",
  )

/**
 * A root that was in use: templates of the lab and of one equipment, a project with a run, a project under
 * its LIMS name, files that people put there.
 */
export const prepare: Effect.Effect<(root: string) => Effect.Effect<void>, never, Disk | Scope.Scope> =
  Effect.gen(function* () {
    const model = yield* fastTemporaryDirectory
    writeTemplates(model)
    yield* Effect.gen(function* () {
      for (const shortId of ["P-1", "P-2"]) {
        const request = projectRequest({ templatePath: "imaging", limsProject: lims(shortId) })
        yield* made({ kind: "project", request })
      }
      const earlier = { templatePath: "unfinished", projectShortId: "P-1", runDate: "2026-01-02T03:04:05Z" }
      yield* made({ kind: "run", request: runRequest(earlier) })
    }).pipe(Effect.provide(service(model)))
    writeForeign(model)
    const equipment = join(model, "local", "DEMO_01")
    renameSync(join(equipment, "P-2"), join(equipment, "Mitochondria in motion"))
    return (root) => Effect.sync(() => cpSync(model, root, { recursive: true, preserveTimestamps: true }))
  })
