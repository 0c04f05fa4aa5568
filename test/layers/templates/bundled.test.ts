import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { describe } from "vitest"
import type { JsonObject } from "../../../src/domain/Json.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { TemplateEngine } from "../../../src/ports/TemplateEngine.ts"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { bundledTemplates, withDefaults } from "../../../layers/EmbeddedSettings.ts"
import * as HandlebarsTemplateEngine from "../../../layers/templates/HandlebarsTemplateEngine.ts"
import { builtIn, emptyDirectory, readTree, resolve } from "./engine.ts"

const settings = withDefaults({ paths: { templatesDir: bundledTemplates, localRoot: "/nowhere" } })

const engine = HandlebarsTemplateEngine.layer.pipe(
  Layer.provide(NodeDisk.layer),
  Layer.provideMerge(Settings.layer(settings)),
)

const make = (name: string, variables: JsonObject, over: Partial<typeof builtIn> = {}) =>
  Effect.gen(function* () {
    const engine = yield* TemplateEngine
    const facts = { ...builtIn, ...over }
    const resolved = yield* resolve(name)
    const answers = yield* engine.answer(resolved, facts, variables, [])
    const destination = yield* emptyDirectory
    const { readmeBody } = yield* engine.render(
      resolved,
      destination,
      { builtIn: facts, answers },
      () => Effect.void,
    )
    return { tree: readTree(destination), readmeBody: readmeBody ?? "", destination, answers }
  })

/** The cells of a CSV without line breaks in cells. */
const rows = (text: string | undefined): ReadonlyArray<ReadonlyArray<string>> =>
  (text ?? "")
    .trimEnd()
    .split("\n")
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
      ),
    )

/** All rows as wide as the first. */
const table = (text: string | undefined) => {
  const all = rows(text)
  expect(new Set(all.map((row) => row.length)).size).toBe(1)
  return all
}

const awkward = 'He said "no, 5 µm" — ½ \\ {x} }} € 😀'

const clean = ({
  tree,
  readmeBody,
}: {
  readonly tree: Readonly<Record<string, string>>
  readonly readmeBody: string
}) => {
  for (const [path, text] of [...Object.entries(tree), ["README", readmeBody]] as const) {
    if (/\.(?:lut|xlsx)$/.test(path)) continue
    expect([path, text.replaceAll(awkward, "")]).toEqual([
      path,
      expect.not.stringMatching(/\{\{|\{%|<[A-Za-z_]\w*>|undefined|\[object/),
    ])
  }
}

describe("the bundled templates", () => {
  it.scopedLive("have no findings, not even warnings", () =>
    Effect.gen(function* () {
      const engine = yield* TemplateEngine
      expect(yield* engine.lint(bundledTemplates)).toEqual([])
    }).pipe(Effect.provide(engine)),
  )

  it.scopedLive("a project: its plan, register and description", () =>
    Effect.gen(function* () {
      const made = yield* make(
        "imaging_project",
        {
          principal_investigator: awkward,
          species: "Mouse",
          ethics_approval: "ZH-123/25",
          expected_volume_tb: 1.5,
        },
        { run_kind: "experimental", run_name: "", run_date: "", label: awkward },
      )
      clean(made)
      expect(Object.keys(made.tree).filter((path) => !path.endsWith("/"))).toEqual([
        "documents/data_management_plan.md",
        "project.json",
        "protocols/staining_protocol.md",
        "samples/sample_register.csv",
      ])
      expect(Object.keys(made.tree)).toContain("analysis/")
      expect(JSON.parse(made.tree["project.json"] ?? "")).toMatchObject({
        label: awkward,
        principal_investigator: awkward,
        data_steward: "asmith",
        start_date: "2026-04-17",
        retention_years: 10,
        expected_volume_tb: 1.5,
        funding: null,
      })
      expect(table(made.tree["samples/sample_register.csv"])[1]).toContain("PROJ-0042-S001")
    }).pipe(Effect.provide(engine)),
  )

  it.scopedLive("a confocal run of fixed tissue with one channel, and a live one with four", () =>
    Effect.gen(function* () {
      const fixed = yield* make("confocal_run", { sample_id: "S-001", fixation_date: "2026-04-01" })
      clean(fixed)
      expect(Object.keys(fixed.tree).filter((path) => !path.endsWith("/"))).toEqual([
        "metadata/acquisition.json",
        "metadata/luts/hilo.lut",
        "metadata/sample_sheet.csv",
      ])
      expect(JSON.parse(fixed.tree["metadata/acquisition.json"] ?? "")).toMatchObject({
        sample: { id: "S-001", type: "Fixed tissue", fixed_on: "2026-04-01" },
        optics: { pixel_size_um: 0.1, z_slices: 1, z_step_um: null },
        channels: ["DAPI"],
      })
      const channels = ["DAPI", "GFP", "mCherry", "Alexa 647"]
      const variables = {
        sample_id: "S-002",
        sample_type: "Live cell",
        z_slices: 21,
        ...Object.fromEntries(channels.map((dye, index) => [`channel_${index + 1}`, dye])),
        remarks: awkward,
      }
      const live = yield* make("confocal_run", variables, { label: awkward })
      clean(live)
      expect(JSON.parse(live.tree["metadata/acquisition.json"] ?? "")).toMatchObject({
        channels,
        optics: { z_slices: 21, z_step_um: 0.3 },
        time_lapse: { points: 60, interval_s: 30 },
        environment: { temperature_c: 37, co2_percent: 5 },
        remarks: awkward,
      })
      const sheet = table(live.tree["metadata/sample_sheet.csv"])
      expect(sheet.map((row) => row[4])).toEqual(["dye", ...channels])
      expect(table(live.tree["metadata/environment_log.csv"])).toHaveLength(2)
      expect(live.readmeBody).toContain("Stack | 21 slices, 0.3 µm apart")
    }).pipe(Effect.provide(engine)),
  )

  it.scopedLive("a test run asks for its purpose, an experimental one doesn't take it", () =>
    Effect.gen(function* () {
      const test = yield* make(
        "confocal_run",
        { sample_id: "beads", sample_type: "Other", sample_other: "100 nm beads" },
        { run_kind: "test" },
      )
      clean(test)
      expect(JSON.parse(test.tree["metadata/acquisition.json"] ?? "")).toMatchObject({
        test_purpose: "Bead calibration",
      })
      expect(test.readmeBody).toContain("100 nm beads")
      const issues = yield* Effect.flip(make("confocal_run", { sample_id: "S", test_purpose: "Training" }))
      expect(issues).toMatchObject([{ field: "variables.test_purpose" }])
    }).pipe(Effect.provide(engine)),
  )

  it.scopedLive("the look-up table is ImageJ's HiLo, byte for byte", () =>
    Effect.gen(function* () {
      const { destination } = yield* make("confocal_run", { sample_id: "S" })
      const lut = fs.readFileSync(join(destination, "metadata/luts/hilo.lut"))
      const colour = (index: number) => [lut[index], lut[256 + index], lut[512 + index]]
      expect(lut).toHaveLength(768)
      expect([colour(0), colour(1), colour(128), colour(255)]).toEqual([
        [0, 0, 255],
        [1, 1, 1],
        [128, 128, 128],
        [255, 0, 0],
      ])
    }).pipe(Effect.provide(engine)),
  )

  it.scopedLive("a cytometry run: the panel, with compensation controls and without", () =>
    Effect.gen(function* () {
      const panel = { marker_fitc: "CD3 (UCHT1)", marker_pe: 'CD19, "HIB19"', marker_apc: "CD56" }
      const made = yield* make("flow_cytometry_run", { sample_source: "PBMC", ...panel, beads_lot: "L-77" })
      clean(made)
      expect(table(made.tree["metadata/panel.csv"])).toEqual([
        ["fluorochrome", "laser_nm", "filter", "marker"],
        ["FITC", "488", "530/30", "CD3 (UCHT1)"],
        ["PE", "561", "585/15", 'CD19, "HIB19"'],
        ["APC", "640", "670/14", "CD56"],
      ])
      expect(table(made.tree["compensation/single_stain_controls.csv"]).map((row) => row[4])).toEqual([
        "file",
        "comp_unstained.fcs",
        "comp_fitc.fcs",
        "comp_pe.fcs",
        "comp_apc.fcs",
      ])
      expect(JSON.parse(made.tree["metadata/acquisition.json"] ?? "")).toMatchObject({
        sample: { source: "PBMC", stained_on: "2026-04-17", vessel: "tube" },
        panel: { FITC: "CD3 (UCHT1)", BV421: null },
      })
      const bare = yield* make("flow_cytometry_run", {
        sample_source: "Cell line",
        cell_line: "Jurkat",
        compensation: false,
        plate: true,
      })
      clean(bare)
      expect(Object.keys(bare.tree).filter((path) => path.startsWith("compensation"))).toEqual([])
      expect(JSON.parse(bare.tree["metadata/acquisition.json"] ?? "")).toMatchObject({
        sample: { source: "Jurkat", vessel: "plate" },
      })
      expect(table(bare.tree["metadata/samples.csv"])[1]?.[0]).toBe("A01")
    }).pipe(Effect.provide(engine)),
  )

  it.scopedLive("a plate reader's run: a line for each well, a table for each read", () =>
    Effect.gen(function* () {
      const made = yield* make("plate_reader_run", { assay: awkward, reads: 3, plate_format: "384" })
      clean(made)
      expect(Object.keys(made.tree).filter((path) => !path.endsWith("/"))).toEqual([
        "layout/plate_layout.xlsx",
        "metadata/acquisition.json",
        "protocol/protocol_notes.md",
        "readings/read_1.csv",
        "readings/read_2.csv",
        "readings/read_3.csv",
      ])
      expect(rows(made.tree["readings/read_3.csv"]).map(([well]) => well)).toEqual(
        [..."ABCDEFGHIJKLMNOP"].flatMap((row) =>
          Array.from({ length: 24 }, (_, column) => `${row}${String(column + 1).padStart(2, "0")}`),
        ),
      )
      expect(JSON.parse(made.tree["metadata/acquisition.json"] ?? "")).toMatchObject({
        assay: awkward,
        detection: "absorbance",
        wavelength_nm: 450,
        plate: { wells: 384, reads: 3, shaking_s: 10 },
      })
      expect(made.answers).toMatchObject({ csv_columns: "well,sample,value_{wavelength_nm}nm" })
      const glow = yield* make(
        "plate_reader_run",
        { assay: "Luc", detection: "Luminescence" },
        { run_kind: "test" },
      )
      clean(glow)
      expect(rows(glow.tree["readings/read_1.csv"])).toHaveLength(96)
      expect(glow.tree).not.toHaveProperty("readings/read_2.csv")
      expect(glow.answers).toMatchObject({ csv_columns: "well,sample,RLU" })
      expect(JSON.parse(glow.tree["metadata/acquisition.json"] ?? "")).toMatchObject({
        wavelength_nm: null,
        test_purpose: "Blank plate",
      })
    }).pipe(Effect.provide(engine)),
  )
})
