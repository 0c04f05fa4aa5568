import { Effect, Either } from "effect"
import { joinPath, leafName } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { fileProblems } from "../registry/fileProblems.ts"
import { manifestProblems } from "../registry/manifestProblems.ts"
import { readManifest } from "../registry/readManifest.ts"

/** A plugin's folder on its own: what keeps it from being used, or the plugin. */
export const openPlugin = (
  directory: string,
): Effect.Effect<Either.Either<RegisteredPlugin, ReadonlyArray<string>>, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const real = yield* disk.realPath(directory)
    // A folder is a folder: what isn't one is told by this name that can't be below it.
    yield* disk.list(real)
    const { decoded } = yield* readManifest(disk, real, undefined)
    if (Either.isLeft(decoded)) return Either.left(decoded.left)
    const reasons = [
      // Whether the network may be used is a question to the settings of those who run it.
      ...manifestProblems(decoded.right, leafName(real), true),
      ...(yield* fileProblems(disk, real, decoded.right)),
    ]
    if (reasons.length > 0) return Either.left(reasons)
    return Either.right({ manifest: decoded.right.manifest, directory: real, source: "lab" } as const)
  })

/** A file of a plugin's folder, if it is there. */
export const hasFile = (plugin: RegisteredPlugin, name: string): Effect.Effect<boolean, DiskError, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.map(disk.lstat(joinPath(plugin.directory, name)), (info) => info._tag === "Some"),
  )
