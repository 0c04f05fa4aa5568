import { Effect } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { DiskError } from "../../../src/domain/Errors.ts"
import { isLate, isPassing, notItsOwn } from "../../../src/domain/PublishedTree.ts"
import type { SyncLevel } from "../../../src/domain/SyncJob.ts"
import { Disk } from "../../../src/ports/Disk.ts"

export interface LocalFile {
  /** Relative, `/` between segments. */
  readonly path: string
  readonly size: number
  /** Changes whenever the file does. */
  readonly stamp: string
  /** When content, mode or name changed last; milliseconds since 1970. */
  readonly changedMillis: number
}

/** What a directory holds for the NAS. Paths are relative and sorted. */
export interface LocalTree {
  /** All but what still changes. */
  readonly files: ReadonlyArray<LocalFile>
  /** Records and logs that change while everything else rests; they go last. */
  readonly late: ReadonlyArray<LocalFile>
  /** Parents before their children. */
  readonly directories: ReadonlyArray<string>
  /** Links and special files: they stay here. */
  readonly skipped: ReadonlyArray<string>
}

/** Of a directory that isn't there. */
export const emptyTree: LocalTree = { files: [], late: [], directories: [], skipped: [] }

const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0

/**
 * Lists a directory. Nothing is read but names and inodes; links aren't followed. What vanishes meanwhile is an
 * `ENOENT`.
 */
export const listTree = Effect.fn("Sync.listTree")(function* (root: string, level: SyncLevel) {
  const disk = yield* Disk
  const files: Array<LocalFile> = []
  const directories: Array<string> = []
  const skipped: Array<string> = []
  const look = (path: string): Effect.Effect<void, DiskError> =>
    Effect.flatMap(disk.lstat(joinPath(root, path)), (info) => {
      if (info._tag === "None") {
        return Effect.fail(gone(joinPath(root, path)))
      }
      const { changedMillis, size, stamp } = info.value
      files.push({ path, size, stamp, changedMillis })
      return Effect.void
    })
  const folders = [""]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const current = folder
    const entries = yield* disk.list(current === "" ? root : joinPath(root, current))
    const pathOf = (name: string) => (current === "" ? name : `${current}/${name}`)
    const wanted = current === "" ? entries.filter(({ name }) => !notItsOwn[level].includes(name)) : entries
    for (const { name, type } of wanted) {
      const path = pathOf(name)
      if (type === "directory") {
        directories.push(path)
        folders.push(path)
      } else if (type !== "file") skipped.push(path)
    }
    const regular = wanted.filter(({ name, type }) => type === "file" && !isPassing(pathOf(name)))
    yield* Effect.forEach(regular, ({ name }) => look(pathOf(name)), { discard: true })
  }
  const sorted = files.toSorted(byPath)
  return {
    files: sorted.filter(({ path }) => !isLate(path)),
    late: sorted.filter(({ path }) => isLate(path)),
    directories: directories.toSorted(),
    skipped: skipped.toSorted(),
  } satisfies LocalTree
})

const gone = (path: string): DiskError => new DiskError({ path, op: "lstat", errno: "ENOENT" })

export const bytesOf = (files: ReadonlyArray<{ readonly size: number }>): number =>
  files.reduce((sum, { size }) => sum + size, 0)

/** Whether two listings show the same files, unchanged. Late files don't count. */
export const isSameTree = (a: LocalTree, b: LocalTree): boolean =>
  a.files.length === b.files.length &&
  a.files.every(({ path, stamp }, index) => {
    const other = b.files[index]
    return other !== undefined && other.path === path && other.stamp === stamp
  }) &&
  a.directories.join("\u0000") === b.directories.join("\u0000")
