import { DateTime, Effect, Layer } from "effect"
import { atIntervals } from "../../src/controller/progress.ts"
import type { ExportReport } from "../../src/domain/Export.ts"
import { recordTime } from "../../src/domain/RunDate.ts"
import type { CreationWriter } from "../../src/ports/CreationWriter.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import { type ExportProgress, type ExportRequest, RunExport } from "../../src/ports/RunExport.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { printable } from "../../src/domain/NameRules.ts"
import { bytesOf, listTree } from "../nas/sync/localTree.ts"
import { copyTree } from "./copying.ts"
import { layouts } from "./documents.ts"
import { refuseNames, refusedThere } from "./names.ts"
import { placeFor } from "./place.ts"
import { inFolder, inZip } from "./staging.ts"
import { subjectAt } from "./subject.ts"
import type { Target } from "./Target.ts"

/** A bag in an archive lies in a folder of its own, which it is unpacked to. */
const baseOf = ({ format, zip }: ExportRequest, leaf: string): string =>
  zip && format === "bagit" ? `${leaf.replace(/(?<=.)\.zip$/i, "")}/` : ""

const write = Effect.fn("RunExport.write")(function* (
  request: ExportRequest,
  progress: ExportProgress = () => Effect.void,
) {
  const settings = (yield* Settings).export
  const subject = yield* subjectAt(request.path)
  const { level, path: root } = subject.destination
  const place = yield* placeFor(request.to)
  const tree = yield* listTree(root, level)
  yield* refuseNames(root, request, tree, place)
  const { describe, payload } = layouts[request.format]
  const base = baseOf(request, place.leaf)
  const tell = yield* atIntervals(progress)
  const exportedAt = recordTime(yield* DateTime.now)
  const fill = Effect.fnUntraced(function* (target: Target) {
    const folders = [base, `${base}${payload}`].filter(
      (path, index, all) => path !== "" && all.indexOf(path) === index,
    )
    for (const path of folders) yield* target.addDirectory(path.slice(0, -1))
    const files = yield* copyTree({ root, level, tree, target, prefix: `${base}${payload}`, tell })
    yield* describe({ subject, settings, files, directories: tree.directories, exportedAt }, target, base)
    return files
  })
  const files = yield* (request.zip ? inZip(place, fill) : inFolder(place, fill)).pipe(
    Effect.mapError(refusedThere(root, place, `${base}${payload}`)),
  )
  return {
    path: place.path,
    format: request.format,
    files: files.length,
    bytes: bytesOf(files),
    skipped: tree.skipped.map(printable),
  } satisfies ExportReport
})

/** Exports to files of this computer. */
export const layer: Layer.Layer<RunExport, never, CreationWriter | Disk | Settings> = Layer.effect(
  RunExport,
  Effect.map(Effect.context<CreationWriter | Disk | Settings>(), (context) => ({
    write: (request, progress) => Effect.provide(write(request, progress), context),
  })),
)
