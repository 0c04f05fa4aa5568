import { Effect, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { manifestFile } from "../manifest/decodeManifest.ts"

/** Templates lie directly in a folder, or in `projects/` and `runs/` in it. */
const maxDepth = 2

/** The templates in a folder, or the folder itself when it is one; relative to it. */
export const findTemplates = (
  disk: typeof Disk.Service,
  root: string,
): Effect.Effect<ReadonlyArray<string>, DiskError> => {
  const find = (path: string, depth: number): Effect.Effect<ReadonlyArray<string>, DiskError> =>
    Effect.gen(function* () {
      const absolute = path === "" ? root : joinPath(root, path)
      if (Option.isSome(yield* disk.lstat(joinPath(absolute, manifestFile)))) return [path]
      if (depth === maxDepth) return []
      const entries = yield* disk.list(absolute)
      const folders = entries.filter(({ type, name }) => type === "directory" && !name.startsWith("."))
      const found = yield* Effect.forEach(folders, ({ name }) =>
        find(path === "" ? name : `${path}/${name}`, depth + 1),
      )
      return found.flat()
    })
  return find("", 0)
}
