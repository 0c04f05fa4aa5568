import { Array, Effect, Option } from "effect"
import type { FileEntry } from "../domain/CreationRecord.ts"
import { joinPath, metadataFolder } from "../domain/Destination.ts"
import { type DiskError, PluginFailed } from "../domain/Errors.ts"
import { collisionKey } from "../domain/PathSegment.ts"
import type { PluginApplied } from "../domain/Plugin.ts"
import { type RenderedFile, serviceNames } from "../domain/Template.ts"
import { Disk } from "../ports/Disk.ts"

const filesBelow = (root: string, folder: string): Effect.Effect<ReadonlyArray<string>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const entries = yield* disk.list(folder === "" ? root : joinPath(root, folder))
    const found = yield* Effect.forEach(entries, ({ name, type }) => {
      const path = folder === "" ? name : `${folder}/${name}`
      if (path === metadataFolder) return Effect.succeed([])
      if (type === "directory") return filesBelow(root, path)
      return Effect.succeed(type === "file" ? [path] : [])
    })
    return found.flat()
  })

/** The files as the template engine left them: nothing ran after it. */
export const renderedInventory = (rendered: ReadonlyArray<RenderedFile>): ReadonlyArray<FileEntry> =>
  rendered.map(({ path, origin, size, sha256, source }) => ({
    path,
    origin,
    size,
    sha256Rendered: sha256,
    sha256,
    source,
  }))

interface FoundFile {
  readonly path: string
  readonly size: number
  readonly sha256: string
}

const lookAt = Effect.fnUntraced(function* (tree: string, path: string) {
  const disk = yield* Disk
  const sha256 = yield* disk.hashFile(joinPath(tree, path))
  const info = yield* disk.lstat(joinPath(tree, path))
  const found: FoundFile = {
    path,
    sha256,
    size: Option.match(info, { onNone: () => 0, onSome: ({ size }) => size }),
  }
  return found
})

/**
 * Tells what the template made of a file: what stood at its path, or, when that held something else, what
 * has its content and isn't at its own path any more. Of several with that content one that came out of
 * expressions goes first, so that a renamed file is scanned.
 */
const originsOf = (rendered: ReadonlyArray<RenderedFile>, found: ReadonlyArray<FoundFile>) => {
  const now = new Map(found.map(({ path, sha256 }) => [path, sha256]))
  const before = new Map(rendered.map((file) => [file.path, file]))
  const moved = Array.groupBy(
    rendered.filter(({ path, sha256 }) => now.get(path) !== sha256),
    ({ sha256 }) => sha256,
  )
  return ({ path, sha256 }: FoundFile): RenderedFile | undefined => {
    const known = before.get(path)
    if (known?.sha256 === sha256) return known
    const candidates = moved[sha256] ?? []
    return candidates.find(({ origin }) => origin === "rendered") ?? candidates[0] ?? known
  }
}

/** The files as plugins left them, found by content and not by what anybody reported. */
export const changedInventory = Effect.fn("changedInventory")(function* (
  tree: string,
  rendered: ReadonlyArray<RenderedFile>,
) {
  const paths = yield* filesBelow(tree, "")
  const found = yield* Effect.forEach(paths, (path) => lookAt(tree, path), { concurrency: 4 })
  const originOf = originsOf(rendered, found)
  return found.map((file): FileEntry => {
    const origin = originOf(file)
    return {
      path: file.path,
      origin: origin?.origin ?? "plugin",
      size: file.size,
      sha256Rendered: origin?.sha256 ?? null,
      sha256: file.sha256,
      source: origin?.source ?? null,
    }
  })
})

const kept: ReadonlySet<string> = new Set(serviceNames.map(collisionKey))

/**
 * After a pass: nobody but the service itself gives these names. A link in place of the metadata folder
 * would lead its records into another directory.
 */
export const refuseServiceNames = Effect.fnUntraced(function* (
  tree: string,
  applied: ReadonlyArray<PluginApplied>,
) {
  if (applied.length === 0) return
  const disk = yield* Disk
  const taken = (yield* disk.list(tree)).find(({ name }) => kept.has(collisionKey(name)))
  if (taken === undefined) return
  const suspects = applied.filter(({ filesAffected }) =>
    filesAffected.some((path) => collisionKey(path.split("/")[0] ?? "") === collisionKey(taken.name)),
  )
  const plugin = (suspects.length > 0 ? suspects : applied).map((one) => one.plugin).join(", ")
  const reason = `it left ${taken.name} at the top of the tree, a name that is kept for the service itself`
  return yield* new PluginFailed({ plugin, reason })
})
