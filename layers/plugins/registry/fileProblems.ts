import { Effect, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { type PluginManifestSource, reasonAt } from "./decodePluginManifest.ts"
import { leadsOut, looseWords, namedFiles } from "./namedFiles.ts"

const isInside = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(`${directory}/`)

/** What no file is found for: also words of a command that no path can be. */
const nothingThere = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EINVAL", "EILSEQ"])

const orNothing = <A>(
  lookUp: Effect.Effect<Option.Option<A>, DiskError>,
): Effect.Effect<Option.Option<A>, DiskError> =>
  Effect.catchIf(
    lookUp,
    ({ errno }) => nothingThere.has(errno),
    () => Effect.succeedNone,
  )

/**
 * Why a file of a plugin's folder can't be run, the end of a sentence; null when it can. The folder is given
 * by its real path. Nothing is opened.
 */
export const fileProblem = Effect.fnUntraced(function* (
  disk: typeof Disk.Service,
  directory: string,
  path: string,
  runs: "as a program" | "as a module",
) {
  const found = yield* orNothing(Effect.asSome(disk.realPath(joinPath(directory, path))))
  if (Option.isNone(found)) return "is not there"
  if (!isInside(found.value, directory)) return "is a link that leads out of the plugin's folder"
  const info = Option.getOrNull(yield* disk.lstat(found.value))
  if (info?.type !== "file") return "is not a file"
  return runs === "as a program" && (info.mode & 0o111) === 0 ? "is not executable (chmod +x)" : null
})

/** The same for a word that may be something else than a file's name. */
const wordProblem = Effect.fnUntraced(function* (
  disk: typeof Disk.Service,
  directory: string,
  index: number,
  word: string,
) {
  const found = yield* orNothing(disk.lstat(joinPath(directory, word)))
  if (Option.isNone(found)) return null
  const real = yield* orNothing(Effect.asSome(disk.realPath(joinPath(directory, word))))
  if (Option.isNone(real)) return "is a link that leads nowhere"
  if (!isInside(real.value, directory)) return "leads out of the plugin's folder"
  const isProgram = index === 0 && found.value.type !== "directory"
  return isProgram ? yield* fileProblem(disk, directory, word, "as a program") : null
})

/** What keeps the files that a manifest names from being run, a reason each. */
export const fileProblems = Effect.fnUntraced(function* (
  disk: typeof Disk.Service,
  directory: string,
  { lineOf, manifest }: PluginManifestSource,
) {
  const sure = yield* Effect.forEach(
    namedFiles(manifest).filter(({ path }) => !leadsOut(path)),
    ({ key, path, runs }) =>
      Effect.map(fileProblem(disk, directory, path, runs), (problem) => ({ key, path, problem })),
  )
  const loose = yield* Effect.forEach(looseWords(manifest), ([index, path]) =>
    Effect.map(wordProblem(disk, directory, index, path), (problem) => ({
      key: ["command", index] as const,
      path,
      problem,
    })),
  )
  return [...sure, ...loose].flatMap(({ key, path, problem }) =>
    problem === null ? [] : [reasonAt(lineOf(key), `${key[0]}: ${path} ${problem}`)],
  )
})
