import { Effect, Exit } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { removeAtLast } from "../../disk/atomic.ts"
import { together } from "../../disk/together.ts"
import { removeTree } from "../../disk/trees.ts"
import { settle } from "./modes.ts"
import type { TreeEntry } from "./TreeImage.ts"

/** What has to be known of a tree, parents first. */
type Entries = ReadonlyMap<string, Pick<TreeEntry, "type" | "mode" | "target">>

const fill = (disk: typeof Disk.Service, from: string, image: Entries, to: string) =>
  Effect.gen(function* () {
    const entries = [...image]
    const directories = entries.filter(([, { type }]) => type === "directory")
    for (const [path, { mode }] of directories) {
      yield* disk.makeDirectory(joinPath(to, path))
      yield* settle(disk, joinPath(to, path), mode)
    }
    const others = entries.filter(([, { type }]) => type !== "directory")
    yield* together(others, ([path, { target }]) =>
      target === null
        ? disk.copyFile(joinPath(from, path), joinPath(to, path))
        : disk.makeLink(target, joinPath(to, path)),
    )
  })

/**
 * Copies what the image of a tree names to a new directory, `EEXIST` when something is there: contents
 * copy-on-write where the file system has it, modes as they are, links as links. A special file fails with
 * `EINVAL`. After a failure or an interruption nothing of the copy is left.
 */
export const copyTree = (from: string, image: Entries, to: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const remove = removeAtLast(Effect.provideService(removeTree(to), Disk, disk))
    yield* Effect.acquireUseRelease(
      Effect.tapError(disk.makeDirectory(to), ({ errno }) => (errno === "EEXIST" ? Effect.void : remove)),
      () => fill(disk, from, image, to),
      (_, exit) => (Exit.isSuccess(exit) ? Effect.void : remove),
    )
  })
