import { resolve } from "node:path"
import { Command, Options } from "@effect/cli"
import { Effect, Layer, Option, Schema } from "effect"
import { destinationAt } from "../../src/domain/Destination.ts"
import { ExportFormat, ExportReport } from "../../src/domain/Export.ts"
import { inOneLine } from "../../src/domain/NameRules.ts"
import { RunExport } from "../../src/ports/RunExport.ts"
import { Settings } from "../../src/ports/Settings.ts"
import * as FileRunExport from "../export/FileRunExport.ts"
import * as JsonCreationWriter from "../records/JsonCreationWriter.ts"
import { base, config, json, pathArgument, toJson } from "./common.ts"
import { Output } from "./Output.ts"
import { managed } from "./sync/common.ts"

const run = pathArgument("run", "The folder of a run, or of a project for its own files")

const format = Options.choice("format", ExportFormat.literals).pipe(
  Options.withDescription("ro-crate: RO-Crate 1.2; bagit: a BagIt 1.0 bag"),
)

const to = Options.text("to").pipe(
  Options.withPseudoName("PATH"),
  Options.withDescription(
    "Where it goes: a folder, or a zip if it ends in .zip; nothing may be there yet. Default: here, by the run's name",
  ),
  Options.optional,
)

const zip = Options.boolean("zip").pipe(Options.withDescription("A zip instead of a folder"))

/** By the project and the run, since runs of several projects may have one name. */
const defaultName = (path: string, zip: boolean) =>
  Effect.map(Settings, ({ paths }) => {
    const place = destinationAt(paths.localRoot, path)
    const names =
      place === null ? ["export"] : place.level === "run" ? [place.project, place.leaf] : [place.leaf]
    return `${names.join("_")}${zip ? ".zip" : ""}`
  })

const encode = Schema.encode(ExportReport)

/** Writes a run in a format that archives and other programs read. */
export const exporting = Command.make(
  "export",
  { config, json, format, to, zip, run },
  ({ config, format, json, run, to, zip }) =>
    Effect.gen(function* () {
      const { note, progress, result } = yield* Output
      const path = yield* managed(run)
      const isZip = zip || Option.exists(to, (said) => /\.zip$/i.test(said))
      const name = yield* Option.match(to, { onNone: () => defaultName(path, zip), onSome: Effect.succeed })
      const { write } = yield* RunExport
      const tell = (current: number, total: number, file: string) =>
        json ? Effect.void : progress(`  ${current}/${total} ${inOneLine(file)}`)
      const report = yield* write({ path, format, to: resolve(name), zip: isZip }, tell)
      for (const one of report.skipped)
        yield* note(`! ${inOneLine(one)} is a link or special, and isn't exported`)
      yield* result(json ? toJson(yield* Effect.orDie(encode(report))) : report.path)
    }).pipe(
      Effect.provide(
        FileRunExport.layer.pipe(
          Layer.provideMerge(JsonCreationWriter.layer),
          Layer.provideMerge(base(config)),
        ),
      ),
    ),
).pipe(
  Command.withDescription(
    "Writes a run, or a project's own files, as an RO-Crate or a BagIt bag, to a folder or a zip.",
  ),
)
