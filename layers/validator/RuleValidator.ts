import { Effect, Layer, Option } from "effect"
import { joinPath, metadataFolder } from "../../src/domain/Destination.ts"
import { type Finding, orderFindings } from "../../src/domain/Finding.ts"
import { type DirectoryEntry, Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { type ProposedTree, Validator } from "../../src/ports/Validator.ts"
import { hasExtension } from "./fileProblems.ts"
import * as FindingList from "./FindingList.ts"
import { inspectingReader, strictReader, type TreeReader } from "./reading.ts"
import { contentFindings, destinationFindings, nameFindings } from "./findings.ts"

const bytesPerMib = 1024 * 1024

/** Written by this service, not by a template: what people entered there is theirs. */
const isGenerated = (path: string): boolean =>
  path === "README.md" || path === ".exlab-answers.yml" || path.startsWith(`${metadataFolder}/`)

const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`)

const byName = (a: DirectoryEntry, b: DirectoryEntry): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

/** Others get their turn between them: a folder may hold a hundred thousand. */
const namesAtATime = 256

/** Walks a tree in an order of its own, whatever order a file system lists in. */
const walk = Effect.fnUntraced(function* <E>(
  { list, read }: TreeReader<E>,
  extensions: ReadonlyArray<string>,
  proposed: ProposedTree,
): Effect.fn.Return<FindingList.FindingList, E> {
  const { destination, tree } = proposed
  const found = FindingList.make()
  const rendered = new Set(proposed.rendered)
  const isScanned = (path: string): boolean =>
    rendered.has(path) && !isGenerated(path) && hasExtension(path, extensions)
  found.add(destinationFindings(destination, proposed.isKindKnown))
  const folders = [""]
  let looked = 0
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const current = folder
    const entries = yield* list(current === "" ? tree : joinPath(tree, current), current === "")
    const excepted = current === "" ? (proposed.except ?? []) : []
    for (const { name, type } of entries.filter((entry) => !excepted.includes(entry.name)).toSorted(byName)) {
      if (++looked % namesAtATime === 0) yield* Effect.yieldNow()
      const path = below(current, name)
      const published = joinPath(destination.path, path)
      const kind = type === "directory" ? "directory_segment" : "file_name"
      found.add(nameFindings(destination.path, published, kind))
      if (type === "directory") folders.push(path)
      if (type !== "file" || !isScanned(path)) continue
      const content = yield* read(joinPath(tree, path))
      if (Option.isSome(content)) found.add(contentFindings(destination.path, published, content.value))
    }
  }
  return found
})

const make = (disk: typeof Disk.Service, settings: typeof Settings.Service): typeof Validator.Service => {
  const { contentScanExtensions, contentScanMaxMib } = settings.validator
  const maxBytes = Math.floor(contentScanMaxMib * bytesPerMib)

  return {
    checkDestination: (destination) => destinationFindings(destination).toSorted(orderFindings),
    checkTree: Effect.fn("Validator.checkTree")((proposed) =>
      Effect.map(walk(strictReader(disk, maxBytes), contentScanExtensions, proposed), (found) =>
        found.sorted(),
      ),
    ),
    inspectTree: Effect.fn("Validator.inspectTree")((proposed) =>
      Effect.suspend(() => {
        const { inspection, reader, unread } = inspectingReader(disk, maxBytes, proposed.destination.path)
        return Effect.map(walk(reader, contentScanExtensions, proposed), (found) => {
          found.add(unread)
          return inspection(found.sorted())
        })
      }),
    ),
  }
}

/** The rules of `docs/validation.md`, for directories that are about to appear and for those that stand. */
export const layer: Layer.Layer<Validator, never, Disk | Settings> = Layer.effect(
  Validator,
  Effect.zipWith(Disk, Settings, make),
)

/** Finds nothing. */
export const layerNoop: Layer.Layer<Validator> = Layer.succeed(Validator, {
  checkDestination: (): ReadonlyArray<Finding> => [],
  checkTree: () => Effect.succeed([]),
  inspectTree: () => Effect.succeed({ findings: [], directories: [], contents: [], changedMillis: 0 }),
})
