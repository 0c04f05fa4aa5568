import { Effect, Option } from "effect"
import type { FileEntry } from "../domain/CreationRecord.ts"
import { joinPath, metadataFolder } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import type { RenderedFile } from "../domain/Template.ts"
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

/** The files as plugins left them, found by content and not by what anybody reported. */
export const changedInventory = Effect.fn("changedInventory")(function* (
  tree: string,
  rendered: ReadonlyArray<RenderedFile>,
) {
  const disk = yield* Disk
  const before = new Map(rendered.map((file) => [file.path, file]))
  const paths = yield* filesBelow(tree, "")
  return yield* Effect.forEach(
    paths,
    (path) =>
      Effect.gen(function* () {
        const sha256 = yield* disk.hashFile(joinPath(tree, path))
        const info = yield* disk.lstat(joinPath(tree, path))
        const known = before.get(path)
        const entry: FileEntry = {
          path,
          origin: known?.origin ?? "plugin",
          size: Option.match(info, { onNone: () => 0, onSome: ({ size }) => size }),
          sha256Rendered: known?.sha256 ?? null,
          sha256,
          source: known?.source ?? null,
        }
        return entry
      }),
    { concurrency: 4 },
  )
})
