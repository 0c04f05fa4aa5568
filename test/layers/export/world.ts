import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Layer } from "effect"
import * as NodeDisk from "../../../layers/disk/NodeDisk.ts"
import { type PartialSettings, withDefaults } from "../../../layers/EmbeddedSettings.ts"
import * as FileRunExport from "../../../layers/export/FileRunExport.ts"
import * as JsonCreationWriter from "../../../layers/records/JsonCreationWriter.ts"
import type { JsonObject } from "../../../src/domain/Json.ts"
import { type ExportRequest, RunExport } from "../../../src/ports/RunExport.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { creationJson } from "../../domain/records.ts"
import * as FaultDisk from "../../support/FaultDisk.ts"
import { fastTemporaryDirectory } from "../../support/temporaryDirectory.ts"

export const runPath = "CONFOCAL_01/PROJ-0042/Runs/Run_2026-04-17T14-32-00"

const readmeJson = {
  schema_version: "1.1",
  generated_at: "2026-04-17T14:32:00Z",
  core_fields: { label: "Cells, day 3", operator: "asmith", objective: "See them divide." },
}

/** Writes files below a folder, by their paths; the bytes of a file are its own path if nothing else is said. */
export const plant = (folder: string, files: Readonly<Record<string, string | Uint8Array>>): void => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

export interface Place {
  /** Where everything of the test lies. */
  readonly root: string
  readonly local: string
  /** The folder of a run with its records and one file, `data.csv`. */
  readonly run: string
  /** An empty folder for exports. */
  readonly out: string
}

export const placeIn = (root: string): Place => ({
  root,
  local: join(root, "local"),
  run: join(root, "local", runPath),
  out: join(root, "out"),
})

/** Makes a run as some writer left it. */
export const makeRun = (root: string, creation: JsonObject = creationJson): Place => {
  const { out, run } = placeIn(root)
  mkdirSync(out, { recursive: true })
  plant(run, {
    ".exlab-wizard/creation.json": JSON.stringify(creation),
    ".exlab-wizard/readme_fields.json": JSON.stringify(readmeJson),
    "data.csv": "well,value\nA1,0.5\n",
  })
  return placeIn(root)
}

/** What exports, with faults in its disk. */
export const exporting = (root: string, settings: PartialSettings = {}) =>
  FileRunExport.layer.pipe(
    Layer.provide(JsonCreationWriter.layer),
    Layer.provideMerge(FaultDisk.layer),
    Layer.provideMerge(
      Layer.merge(
        NodeDisk.layer,
        Settings.layer(withDefaults({ ...settings, paths: { localRoot: join(root, "local") } })),
      ),
    ),
  )

/** A run, and what exports it, in a directory of its own. */
export const withRun = <A, E, R>(
  body: (place: Place) => Effect.Effect<A, E, R>,
  settings: PartialSettings | ((root: string) => PartialSettings) = {},
) =>
  Effect.flatMap(fastTemporaryDirectory, (root) =>
    Effect.provide(
      Effect.suspend(() => body(makeRun(root))),
      exporting(root, typeof settings === "function" ? settings(root) : settings),
    ),
  )

/** Exports the run as an RO-Crate in a folder, unless something else is said. */
export const exportRun = ({ out }: Place, over: Partial<ExportRequest> = {}) =>
  Effect.flatMap(RunExport, ({ write }) =>
    write({ path: runPath, format: "ro-crate", to: join(out, "export"), zip: false, ...over }),
  )
