import { Effect, Option } from "effect"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Disk } from "../../../src/ports/Disk.ts"

/** The bits above the permissions: a directory may have them from the one it lies in, a file never should. */
const special = 0o7000

/** Gives a new file or directory its permission bits, `mode`, where it hasn't got them already. */
export const settle = (
  disk: typeof Disk.Service,
  path: string,
  mode: number,
): Effect.Effect<void, DiskError> =>
  Effect.flatMap(disk.lstat(path), (info) => {
    const found = Option.getOrNull(info)
    const wanted = (mode & ~special) | (found?.type === "directory" ? found.mode & special : 0)
    return found?.mode === wanted ? Effect.void : disk.setMode(path, wanted)
  })
