import { createHash } from "node:crypto"
import { Data, Effect, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { fileProblem } from "../registry/fileProblems.ts"
import { namedFiles } from "../registry/namedFiles.ts"
import { copyTree } from "../tree/copyTree.ts"
import { imageOf, type TreeEntry, type TreeImage } from "../tree/TreeImage.ts"
import { type CodeListing, CodeRefused, listCode, looksSame } from "./CodeListing.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"
import { addWorkerKit } from "./workerKit.ts"

/** A plugin's code, laid out to be run. */
export interface Stage {
  /** Absolute real path. */
  readonly path: string
  /** SHA-256 over names, contents and executable bits of the plugin's folder, hexadecimal. */
  readonly digest: string
  /** All of it, as it was laid out. */
  readonly image: TreeImage
}

/** The folder isn't any more what was listed. */
export class CodeChanged extends Data.TaggedError("CodeChanged")<{ readonly reason: string }> {}

const codeFolder = "code"

export const codeIn = (stage: string): string => joinPath(stage, codeFolder)

const digestOf = (image: TreeImage): string => {
  const hash = createHash("sha256")
  for (const [path, { mode, sha256, target, type }] of image) {
    if (!path.startsWith(`${codeFolder}/`)) continue
    const isExecutable = type === "file" && (mode & 0o111) !== 0
    hash.update(
      `${JSON.stringify([path.slice(codeFolder.length + 1), type, isExecutable, sha256, target])}\n`,
    )
  }
  return hash.digest("hex")
}

/** The copy has what was listed, and what the manifest names. */
const check = Effect.fnUntraced(function* (
  { directory, manifest }: RegisteredPlugin,
  listing: CodeListing,
  code: string,
) {
  const disk = yield* Disk
  if (!looksSame(listing, yield* listCode(directory))) {
    return yield* new CodeChanged({ reason: "it was changed while it was copied" })
  }
  yield* listCode(code)
  for (const { path, runs } of namedFiles(manifest)) {
    const problem = yield* fileProblem(disk, code, path, runs)
    if (problem !== null) return yield* new CodeRefused({ reason: `${path} ${problem}` })
  }
})

/** Lays out a copy of what was listed of a plugin's folder. It goes when the scope closes. */
export const makeStage = Effect.fnUntraced(function* (plugin: RegisteredPlugin, listing: CodeListing) {
  const path = yield* temporaryDirectory
  yield* copyTree(plugin.directory, listing, codeIn(path))
  yield* check(plugin, listing, codeIn(path))
  if (plugin.manifest.runtime === "node") yield* addWorkerKit(path)
  const image = yield* imageOf(path)
  const stage: Stage = { path, image, digest: digestOf(image) }
  return stage
})

const isSame = (a: TreeEntry, b: TreeEntry | undefined): boolean =>
  b !== undefined && a.type === b.type && a.mode === b.mode && a.sha256 === b.sha256 && a.target === b.target

/**
 * The stage, if all that was laid out is still there as it was: not every tier keeps a worker from changing it,
 * and temporary directories are cleaned. What an interpreter adds, caches say, is no harm.
 */
export const ifIntact = (stage: Stage): Effect.Effect<Option.Option<Stage>, never, Disk> =>
  imageOf(stage.path, stage.image).pipe(
    Effect.map((now) => {
      const image = new Map([...now].filter(([path]) => stage.image.has(path)))
      const intact = [...stage.image].every(([path, entry]) => isSame(entry, image.get(path)))
      return intact ? Option.some({ ...stage, image }) : Option.none()
    }),
    Effect.orElseSucceed(Option.none),
  )
