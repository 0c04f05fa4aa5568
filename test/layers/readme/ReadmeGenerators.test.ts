import * as fs from "node:fs"
import { userInfo } from "node:os"
import { expect, it } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import * as FrontMatterReadme from "../../../layers/readme/FrontMatterReadme.ts"
import * as MinimalReadme from "../../../layers/readme/MinimalReadme.ts"
import { parseFrontMatter } from "../../../layers/readme/frontMatter.ts"
import { renderReadme } from "../../../layers/readme/renderReadme.ts"
import { type ReadmeContext, ReadmeGenerator } from "../../../src/ports/ReadmeGenerator.ts"
import { Action, DiskFaults, layer as faultLayer } from "../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"
import { readers } from "./readers.ts"

const context: ReadmeContext = {
  level: "run",
  label: "Cells, day 3",
  operator: "asmith",
  objective: "See them divide.",
  equipment: { id: "CONFOCAL_01", label: "Confocal 1" },
  projectShortId: "PROJ-0042",
  runKind: "test",
  runName: "TestRun_2026-04-17T14-32-00",
  createdAt: DateTime.unsafeMake("2026-04-17T14:32:00.123Z"),
  variables: {},
  template: {
    manifest: { name: "confocal_run", version: "2.1", type: "run" },
    root: "/templates/confocal_run",
    origin: "global",
    digest: "ab",
    plugins: [],
  },
  layers: {
    templateFields: { stain: "DAPI" },
    configFields: { room: "B12" },
    customFields: [{ label: "Weather", value: "rain" }],
  },
  body: null,
}

const disk = faultLayer.pipe(Layer.provide(NodeDisk.layer))
const layers = { full: FrontMatterReadme.layer, minimal: MinimalReadme.layer }

const onReadme = <E>(
  name: string,
  layer: keyof typeof layers,
  test: (directory: string) => Effect.Effect<void, E, ReadmeGenerator | DiskFaults>,
) =>
  it.scopedLive(name, () =>
    Effect.flatMap(temporaryDirectory, test).pipe(
      Effect.provide(layers[layer].pipe(Layer.provideMerge(disk))),
    ),
  )

const frontMatterOf = (directory: string): unknown => {
  const found = parseFrontMatter(fs.readFileSync(`${directory}/README.md`, "utf8"))
  return found._tag === "Present" ? readers[0]!.read(found.yaml) : found._tag
}

onReadme("a README has every layer, and follows from the fields that are returned", "full", (directory) =>
  Effect.gen(function* () {
    const readme = yield* ReadmeGenerator
    const fields = yield* readme.generate(directory, context)
    expect(frontMatterOf(directory)).toEqual({
      readme_schema_version: "1.1",
      label: "Cells, day 3",
      operator: "asmith",
      objective: "See them divide.",
      template_fields: { stain: "DAPI" },
      config_fields: { room: "B12" },
      custom_fields: [{ label: "Weather", value: "rain" }],
      system: {
        created: "2026-04-17T14:32:00Z",
        created_by: userInfo().username,
        equipment: { id: "CONFOCAL_01", label: "Confocal 1" },
        template: { name: "confocal_run", version: "2.1" },
        project: "PROJ-0042",
        run: "TestRun_2026-04-17T14-32-00",
        run_kind: "test",
      },
    })
    expect(fs.readFileSync(`${directory}/README.md`, "utf8")).toBe(renderReadme(fields))
    expect(fields.body).toBe("## Notes\n*(none)*\n")
    expect(fs.readdirSync(directory)).toEqual(["README.md"])
  }),
)

onReadme("a project's README names no run, and prose comes from the template", "full", (directory) =>
  Effect.gen(function* () {
    const readme = yield* ReadmeGenerator
    const fields = yield* readme.generate(directory, {
      ...context,
      level: "project",
      runKind: "experimental",
      runName: null,
      body: "## Plan\n\nGrow them.",
    })
    expect(Object.keys(fields.systemFields)).toEqual([
      "created",
      "created_by",
      "equipment",
      "template",
      "project",
    ])
    expect(fs.readFileSync(`${directory}/README.md`, "utf8")).toMatch(
      /---\n# Cells, day 3\n## Plan\n\nGrow them\.\n$/,
    )
  }),
)

onReadme("a file that a plugin left in its place gives way, a link isn't followed", "full", (directory) =>
  Effect.gen(function* () {
    const readme = yield* ReadmeGenerator
    fs.writeFileSync(`${directory}/README.md`, "a plugin was here")
    yield* readme.generate(directory, context)
    expect(frontMatterOf(directory)).toMatchObject({ label: "Cells, day 3" })
    fs.rmSync(`${directory}/README.md`)
    fs.writeFileSync(`${directory}/precious`, "precious")
    fs.symlinkSync("precious", `${directory}/README.md`)
    yield* readme.generate(directory, context)
    expect(frontMatterOf(directory)).toMatchObject({ label: "Cells, day 3" })
    expect(fs.readFileSync(`${directory}/precious`, "utf8")).toBe("precious")
    expect(fs.readdirSync(directory)).toEqual(["README.md", "precious"])
  }),
)

onReadme("a README costs one operation", "full", (directory) =>
  Effect.gen(function* () {
    const faults = yield* DiskFaults
    yield* faults.arm(() => Action.Pass())
    yield* Effect.flatMap(ReadmeGenerator, (readme) => readme.generate(directory, context))
    expect((yield* faults.disarm).map(({ name }) => name)).toEqual(["createFile"])
  }),
)

onReadme("the minimal README has the core fields only, in the same form", "minimal", (directory) =>
  Effect.gen(function* () {
    const readme = yield* ReadmeGenerator
    const fields = yield* readme.generate(directory, { ...context, body: "ignored" })
    expect(frontMatterOf(directory)).toEqual({
      readme_schema_version: "1.1",
      label: "Cells, day 3",
      operator: "asmith",
      objective: "See them divide.",
      template_fields: {},
      config_fields: {},
      custom_fields: [],
      system: {},
    })
    expect(fs.readFileSync(`${directory}/README.md`, "utf8")).toBe(renderReadme(fields))
  }),
)
