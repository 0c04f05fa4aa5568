import { DateTime, Effect, Layer } from "effect"
import { textProblem } from "../../src/domain/Json.ts"
import { ExportRefused, type ExportReport } from "../../src/domain/Export.ts"
import { recordTime } from "../../src/domain/RunDate.ts"
import type { CreationWriter } from "../../src/ports/CreationWriter.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import { type ExportRequest, RunExport } from "../../src/ports/RunExport.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { bytesOf, listTree, type LocalTree } from "../nas/sync/localTree.ts"
import { copyTree, filesOf } from "./copying.ts"
import { layouts } from "./documents.ts"
import { placeFor } from "./place.ts"
import { inFolder, inZip } from "./staging.ts"
import { subjectAt } from "./subject.ts"
import type { Target } from "./Target.ts"
import { unfitForZip } from "./zipTarget.ts"

const maxNames = 5

/** Paths for a message: stray bytes and controls can be seen in it. */
const quoted = (paths: ReadonlyArray<string>): string => {
  const rest = paths.length - maxNames
  const told = paths.slice(0, maxNames).map((path) => JSON.stringify(path))
  return `${told.join(", ")}${rest > 0 ? `, and ${rest} more` : ""}`
}

/** Names that the format or the archive can't hold are refused: an export that lacks files says nothing. */
const refuseNames = Effect.fnUntraced(function* (
  root: string,
  { format, zip }: ExportRequest,
  tree: LocalTree,
) {
  const names = [...filesOf(tree).map(({ path }) => path), ...tree.directories]
  const refused = (found: ReadonlyArray<string>, why: string) =>
    found.length === 0
      ? Effect.void
      : new ExportRefused({ path: root, reason: `isn't exported: ${why}: ${quoted(found)}` })
  const stray = names.filter((path) => textProblem(path) !== null)
  yield* refused(stray, "these names aren't UTF-8, rename them first")
  const { payload, reserved } = layouts[format]
  const taken = names.filter((path) => reserved.includes(path))
  yield* refused(taken, "the export itself needs these names, rename them first")
  const unfit = zip ? names.filter((path) => unfitForZip(`${payload}${path}`)) : []
  yield* refused(unfit, "a zip can't hold these names, export to a folder")
})

/** A bag in an archive lies in a folder of its own, which it is unpacked to. */
const baseOf = ({ format, zip }: ExportRequest, leaf: string): string =>
  zip && format === "bagit" ? `${leaf.replace(/(?<=.)\.zip$/i, "")}/` : ""

const write = Effect.fn("RunExport.write")(function* (request: ExportRequest) {
  const settings = (yield* Settings).export
  const subject = yield* subjectAt(request.path)
  const { level, path: root } = subject.destination
  const place = yield* placeFor(request.to)
  const tree = yield* listTree(root, level)
  yield* refuseNames(root, request, tree)
  const { describe, payload } = layouts[request.format]
  const base = baseOf(request, place.leaf)
  const exportedAt = recordTime(yield* DateTime.now)
  const fill = Effect.fnUntraced(function* (target: Target) {
    const folders = [base, `${base}${payload}`].filter(
      (path, index, all) => path !== "" && all.indexOf(path) === index,
    )
    for (const path of folders) yield* target.addDirectory(path.slice(0, -1))
    const files = yield* copyTree(root, level, tree, target, `${base}${payload}`)
    yield* describe({ subject, settings, files, directories: tree.directories, exportedAt }, target, base)
    return files
  })
  const files = yield* request.zip ? inZip(place, fill) : inFolder(place, fill)
  return {
    path: place.path,
    format: request.format,
    files: files.length,
    bytes: bytesOf(files),
    skipped: tree.skipped,
  } satisfies ExportReport
})

/** Exports to files of this computer. */
export const layer: Layer.Layer<RunExport, never, CreationWriter | Disk | Settings> = Layer.effect(
  RunExport,
  Effect.map(Effect.context<CreationWriter | Disk | Settings>(), (context) => ({
    write: (request) => Effect.provide(write(request), context),
  })),
)
