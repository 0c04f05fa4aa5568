import { Effect, Layer, Option } from "effect"
import { joinPath, metadataFolder } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { type Finding, orderFindings } from "../../src/domain/Finding.ts"
import { type DirectoryEntry, Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { type ProposedTree, Validator } from "../../src/ports/Validator.ts"
import { hasExtension } from "./fileProblems.ts"
import * as FindingList from "./FindingList.ts"
import { contentFindings, destinationFindings, nameFindings } from "./findings.ts"

const bytesPerMib = 1024 * 1024

/** Written by this service, not by a template: what people entered there is theirs. */
const isGenerated = (path: string): boolean =>
  path === "README.md" || path === ".exlab-answers.yml" || path.startsWith(`${metadataFolder}/`)

const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`)

const byName = (a: DirectoryEntry, b: DirectoryEntry): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

const make = (disk: typeof Disk.Service, settings: typeof Settings.Service): typeof Validator.Service => {
  const { contentScanExtensions, contentScanMaxMib } = settings.validator

  /** None when the file is larger than what is scanned. */
  const readScanned = (path: string): Effect.Effect<Option.Option<Uint8Array>, DiskError> =>
    disk.readFile(path, { maxBytes: Math.floor(contentScanMaxMib * bytesPerMib) }).pipe(
      Effect.asSome,
      Effect.catchIf(
        (error) => error.errno === "EFBIG",
        () => Effect.succeedNone,
      ),
    )

  const checkTree = Effect.fn("Validator.checkTree")(function* (proposed: ProposedTree) {
    const { destination, tree } = proposed
    const found = FindingList.make()
    const rendered = new Set(proposed.rendered)
    const isScanned = (path: string): boolean =>
      rendered.has(path) && !isGenerated(path) && hasExtension(path, contentScanExtensions)

    const checkContent = Effect.fnUntraced(function* (path: string, published: string) {
      const content = yield* readScanned(joinPath(tree, path))
      if (Option.isSome(content)) found.add(contentFindings(destination.path, published, content.value))
    })

    found.add(destinationFindings(destination))
    const folders = [""]
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const current = folder
      const entries = yield* disk.list(current === "" ? tree : joinPath(tree, current), {
        isDirectory: current !== "",
      })
      const excepted = current === "" ? (proposed.except ?? []) : []
      const sorted = entries.filter(({ name }) => !excepted.includes(name)).toSorted(byName)
      for (const { name, type } of sorted) {
        const path = below(current, name)
        const published = joinPath(destination.path, path)
        const kind = type === "directory" ? "directory_segment" : "file_name"
        found.add(nameFindings(destination.path, published, kind))
        if (type === "directory") folders.push(path)
        else if (type === "file" && isScanned(path)) yield* checkContent(path, published)
      }
    }
    return found.sorted()
  })

  return {
    checkDestination: (destination) => destinationFindings(destination).toSorted(orderFindings),
    checkTree,
  }
}

/** The rules of `docs/validation.md`, for directories that are about to appear. */
export const layer: Layer.Layer<Validator, never, Disk | Settings> = Layer.effect(
  Validator,
  Effect.zipWith(Disk, Settings, make),
)

/** Finds nothing. */
export const layerNoop: Layer.Layer<Validator> = Layer.succeed(Validator, {
  checkDestination: (): ReadonlyArray<Finding> => [],
  checkTree: () => Effect.succeed([]),
})
