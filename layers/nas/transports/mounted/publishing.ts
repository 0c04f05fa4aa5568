import { Effect, Option } from "effect"
import { joinPath, parentPath } from "../../../../src/domain/Destination.ts"
import type { DestinationExists, DiskError } from "../../../../src/domain/Errors.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { together } from "../../../disk/together.ts"
import { makeDirectoriesDurably } from "../../../disk/trees.ts"
import { targetFailure } from "../diskFailures.ts"
import { failure } from "../places.ts"
import { noLinkTo } from "./links.ts"

type Move = Effect.Effect<void, DiskError | SyncFailure, Disk>

/** Moves what is in a folder into another one, file by file, and removes the folder. */
const merge = (from: string, to: string): Move =>
  Effect.gen(function* () {
    const disk = yield* Disk
    yield* makeDirectoriesDurably(to)
    const entries = yield* disk.list(from)
    const files = entries.filter(({ type }) => type !== "directory")
    yield* together(files, ({ name }) => disk.rename(joinPath(from, name), joinPath(to, name)))
    const folders = entries.filter(({ type }) => type === "directory")
    yield* Effect.forEach(folders, ({ name }) => moveFolder(joinPath(from, name), joinPath(to, name)))
    // Before it is gone there, it must last here.
    yield* disk.flush(to)
    yield* disk.removeDirectory(from)
  })

const moveFolder = (from: string, to: string): Move =>
  Effect.gen(function* () {
    const disk = yield* Disk
    yield* Effect.catchTag(disk.renameNew(from, to), "DestinationExists", ({ path }: DestinationExists) =>
      Effect.flatMap(disk.lstat(path), (info) =>
        Option.exists(info, ({ type }) => type === "directory")
          ? merge(from, to)
          : failure("permanent", `${path} is in the way: it is no folder`, [path]),
      ),
    )
  })

const move = (root: string, from: string, to: string): Move =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const [source, destination] = [joinPath(root, from), joinPath(root, to)]
    if (Option.isSome(yield* disk.lstat(source))) {
      yield* makeDirectoriesDurably(parentPath(destination))
      yield* moveFolder(source, destination)
      yield* disk.flush(parentPath(source))
    }
    // Also when an earlier try was interrupted right after its rename.
    yield* disk.flush(parentPath(destination)).pipe(
      Effect.catchIf(
        ({ errno }) => errno === "ENOENT" || errno === "ENOTDIR",
        () => Effect.void,
      ),
    )
  })

/** Moves a folder to where it is looked for, see `TargetTransport.publish`. */
export const publish = (root: string, from: string, to: string): Effect.Effect<void, SyncFailure, Disk> =>
  Effect.all([noLinkTo(root, from), noLinkTo(root, to)]).pipe(
    Effect.zipRight(move(root, from, to)),
    Effect.catchTag("DiskError", (error) => targetFailure(error)),
  )
