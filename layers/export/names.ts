import { Effect } from "effect"
import { joinPath } from "../../src/domain/Destination.ts"
import { DiskError } from "../../src/domain/Errors.ts"
import { ExportRefused } from "../../src/domain/Export.ts"
import { textProblem } from "../../src/domain/Json.ts"
import { inOneLine, printable } from "../../src/domain/NameRules.ts"
import { byteLength } from "../../src/domain/PathSegment.ts"
import type { ExportRequest } from "../../src/ports/RunExport.ts"
import type { LocalTree } from "../nas/sync/localTree.ts"
import { temporaryBytes } from "./claiming.ts"
import { filesOf } from "./copying.ts"
import { layouts } from "./documents.ts"
import type { Place } from "./place.ts"
import { unfitForZip } from "./zipTarget.ts"

const maxNames = 5
const maxShown = 400

/** What a system call takes. */
const maxPathBytes = 4095

/** Stray bytes and controls can be seen, and of a very long path both ends. */
const legible = (path: string): string => {
  const text = [...inOneLine(printable(path))]
  const half = maxShown / 2
  return text.length <= maxShown
    ? text.join("")
    : [...text.slice(0, half), "…", ...text.slice(-half)].join("")
}

const quoted = (paths: ReadonlyArray<string>): string => {
  const rest = paths.length - maxNames
  const told = paths.slice(0, maxNames).map((path) => `"${legible(path)}"`)
  return `${told.join(", ")}${rest > 0 ? `, and ${rest} more` : ""}`
}

const refusal = (root: string, why: string, found: ReadonlyArray<string>) =>
  new ExportRefused({ path: root, reason: `isn't exported: ${why}: ${quoted(found)}` })

const tooLong = ({ path }: Place): string =>
  `the paths would become too long in ${legible(path)}, shorten these names or export to a zip`

/** Names that the format or the archive can't hold are refused: an export that lacks files says nothing. */
export const refuseNames = Effect.fnUntraced(function* (
  root: string,
  { format, zip }: ExportRequest,
  tree: LocalTree,
  place: Place,
) {
  const names = [...filesOf(tree).map(({ path }) => path), ...tree.directories]
  const refused = (found: ReadonlyArray<string>, why: string) =>
    found.length === 0 ? Effect.void : refusal(root, why, found)
  const stray = names.filter((path) => textProblem(path) !== null)
  yield* refused(stray, "these names aren't UTF-8, rename them first")
  const { payload, reserved } = layouts[format]
  const taken = names.filter((path) => reserved.includes(path))
  yield* refused(taken, "the export itself needs these names, rename them first")
  const unfit = zip ? names.filter((path) => unfitForZip(`${payload}${path}`)) : []
  yield* refused(unfit, "a zip can't hold these names, export to a folder")
  const leafBytes = Math.max(byteLength(place.leaf), temporaryBytes)
  const left = maxPathBytes - byteLength(joinPath(place.folder, "")) - leafBytes - 1
  const long = zip ? [] : names.filter((path) => byteLength(`${payload}${path}`) > left)
  yield* refused(long, tooLong(place))
})

/** Some file systems take less than others: of a name that can't be written, it is told which of the run it is. */
export const refusedThere =
  (root: string, place: Place, prefix: string) =>
  <E>(error: E): E | ExportRefused => {
    const written = joinPath(place.path, prefix)
    return error instanceof DiskError && error.errno === "ENAMETOOLONG" && error.path.startsWith(written)
      ? refusal(root, tooLong(place), [error.path.slice(written.length).replace(/^\//, "")])
      : error
  }
