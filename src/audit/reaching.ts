import { Effect, Option } from "effect"
import { joinPath } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"
import type { Disk } from "../ports/Disk.ts"

/**
 * Whether a path below the local root is a directory that is reached without following a link: what is
 * elsewhere isn't ours. The root itself may be a link: that is the operator's.
 */
export const isReached = (
  disk: typeof Disk.Service,
  localRoot: string,
  path: string,
): Effect.Effect<boolean, DiskError> =>
  Effect.gen(function* () {
    let folder = joinPath(localRoot)
    for (const name of path.slice(folder.length + 1).split("/")) {
      folder = joinPath(folder, name)
      const info = yield* disk.lstat(folder)
      if (!Option.exists(info, ({ type }) => type === "directory")) return false
    }
    return true
  })
