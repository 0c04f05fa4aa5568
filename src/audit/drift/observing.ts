import { Effect, Option } from "effect"
import { joinPath } from "../../domain/Destination.ts"
import type { DiskError } from "../../domain/Errors.ts"
import { isLate, isPassing, notItsOwn } from "../../domain/PublishedTree.ts"
import { Disk, type FileType } from "../../ports/Disk.ts"

/** What a directory holds, by name; links aren't followed. Paths are relative to it. */
export interface Listing {
  readonly files: ReadonlyArray<string>
  readonly directories: ReadonlySet<string>
  /** Links and special files. */
  readonly others: ReadonlyMap<string, FileType>
  /** Directories that couldn't be listed, with the reason. */
  readonly unlisted: ReadonlyMap<string, string>
}

/** What is at a path. */
export type Found =
  | { readonly _tag: "File"; readonly size: number; readonly sha256: string | null }
  /** Something else than a file. */
  | { readonly _tag: "Other"; readonly type: FileType }
  | { readonly _tag: "Gone"; readonly detail: string | null }
  | { readonly _tag: "Unread"; readonly reason: string }

const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`)

/** Lists everything but what changes by itself, and a project's runs. */
export const listDirectory = Effect.fn("DriftCheck.list")(function* (
  root: string,
  level: "project" | "run",
): Effect.fn.Return<Listing, never, Disk> {
  const disk = yield* Disk
  const files: Array<string> = []
  const directories = new Set<string>()
  const others = new Map<string, FileType>()
  const unlisted = new Map<string, string>()
  const folders = [""]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const current = folder
    const entries = yield* disk.list(current === "" ? root : joinPath(root, current)).pipe(
      Effect.catchAll((error) => {
        if (error.errno !== "ENOENT") unlisted.set(current, error.message)
        else directories.delete(current)
        return Effect.succeed([])
      }),
    )
    for (const { name, type } of entries) {
      const path = below(current, name)
      if (isLate(path) || isPassing(path) || notItsOwn[level].includes(path)) continue
      if (type === "file") files.push(path)
      else if (type === "directory") {
        directories.add(path)
        folders.push(path)
      } else others.set(path, type)
    }
  }
  return { files, directories, others, unlisted }
})

const tries = 3

const unlessGone = (error: DiskError): Found =>
  error.errno === "ENOENT"
    ? { _tag: "Gone", detail: "vanished while it was looked at" }
    : { _tag: "Unread", reason: error.message }

/** What is at a path now; with its content, read until it is the same before and after. */
export const lookAt = (
  root: string,
  path: string,
  { withContent }: { readonly withContent: boolean },
): Effect.Effect<Found, never, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const absolute = joinPath(root, path)
    for (let left = tries; left > 0; left -= 1) {
      const before = Option.getOrNull(yield* disk.lstat(absolute))
      if (before === null) return { _tag: "Gone", detail: "vanished while it was looked at" } satisfies Found
      if (before.type !== "file") return { _tag: "Other", type: before.type } satisfies Found
      if (!withContent) return { _tag: "File", size: before.size, sha256: null } satisfies Found
      const sha256 = yield* disk.hashFile(absolute)
      const after = Option.getOrNull(yield* disk.lstat(absolute))
      if (after?.stamp === before.stamp) return { _tag: "File", size: after.size, sha256 } satisfies Found
    }
    return { _tag: "Unread", reason: "changes while it is read" } satisfies Found
  }).pipe(Effect.catchAll((error) => Effect.succeed(unlessGone(error))))
