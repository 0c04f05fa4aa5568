import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { beforeAll } from "vitest"
import * as Embedded from "../../layers/Embedded.ts"
import * as ProcessPluginHost from "../../layers/plugins/ProcessPluginHost.ts"
import { CreationController } from "../../src/controller/CreationController.ts"
import { makeBundle } from "../templates/plugins/support.ts"
import { headings, partsOf, unzipped, zipped } from "../templates/plugins/workbook.ts"
import { temporaryDirectory } from "../support/temporaryDirectory.ts"

const variables = {
  hello_greeting: "Hello",
  csv_columns: "well,value",
  csv_files: "js/*",
  py_csv_columns: "well,value",
  py_csv_files: "py/*",
  filename_rule: "{project}_{name}{ext}",
  filename_files: "named/*",
  xlsx_sheet: "metadata",
}

const manifest = `name: bench_project
version: "1"
type: project
plugins: [hello, csv-header, csv-header-py, filename-renamer, xlsx-fields]
questions:
${Object.keys(variables)
  .map((name) => `  ${name}: { type: string }`)
  .join("\n")}
`

const files = {
  "template.yaml": manifest,
  "note.txt": "It rains.\n",
  "js/a.csv": "A1,0.1\n",
  "py/a.csv": "A1,0.1\n",
  "named/a.bin": "\u0000\u0001",
  "plate.xlsx": zipped(partsOf([headings, ["barcode", "operator"]])),
}

const writeTemplate = async (folder: string) => {
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true })
    await writeFile(join(folder, path), contents)
  }
}

const request = {
  ...{
    equipmentId: "DEMO_01",
    templatePath: "bench_project",
    operator: "asmith",
    label: "Bench",
    objective: "Bench",
  },
  limsProject: { uid: "", shortId: "PROJ-0001", nameAtCreation: "Bench", source: "live" },
  variables,
} as const

beforeAll(makeBundle)

it.scopedLive.each(["none", "permission", "os"] as const)("every bundled plugin works at tier %s", (tier) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    yield* Effect.promise(() => writeTemplate(join(root, "templates", "bench_project")))
    const paths = { localRoot: join(root, "local"), templatesDir: join(root, "templates") }
    const service = CreationController.layer.pipe(
      Layer.provide(ProcessPluginHost.layerWith({ tier })),
      Layer.provide(Embedded.adapters({ paths })),
    )
    const path = yield* Effect.gen(function* () {
      const wizard = yield* CreationController
      const { sessionId } = yield* wizard.createProject(request)
      return (yield* wizard.awaitResult(sessionId)).path
    }).pipe(Effect.provide(service))
    const text = (name: string) => Effect.promise(() => readFile(join(path, name), "utf8"))
    expect(yield* text("note.txt")).toBe("Hello, asmith!\nIt rains.\n")
    expect(yield* text("js/a.csv")).toBe("well,value\nA1,0.1\n")
    expect(yield* text("py/a.csv")).toBe("well,value\nA1,0.1\n")
    expect(yield* text("named/PROJ-0001_a.bin")).toBe("\u0000\u0001")
    const workbook = unzipped(yield* Effect.promise(() => readFile(join(path, "plate.xlsx"))))
    expect(workbook["xl/worksheets/sheet9.xml"]).toContain(">asmith<")
    const node = { status: "success", tier }
    const command = { status: "success", tier: tier === "permission" ? "none" : tier }
    const record = JSON.parse(yield* text(".exlab-wizard/creation.json"))
    const tiers = record.provenance.plugins.map(({ tier }: { readonly tier: string }) => tier)
    expect(
      record.plugins_applied.map(({ status }: { readonly status: string }, index: number) => ({
        status,
        tier: tiers[index],
      })),
    ).toEqual([node, node, command, node, node])
  }),
)
