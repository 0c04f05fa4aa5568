import { createHash } from "node:crypto"
import { Clock, Data, Effect, Option, Order } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { DiskError } from "../../../src/domain/Errors.ts"
import { byteLength } from "../../../src/domain/PathSegment.ts"
import { Disk, type FileInfo, type FileType } from "../../../src/ports/Disk.ts"
import { together } from "../../disk/together.ts"

export interface TreeEntry {
  readonly type: FileType
  /**
   * Permission bits, with those by which the owner reads, writes and enters, whether they are set or not. Of a
   * file also set-uid, set-gid and sticky; a directory may have them from the one it lies in.
   */
  readonly mode: number
  /** Bytes. */
  readonly size: number
  /** Of a file: hexadecimal. */
  readonly sha256: string | null
  /** What a link says. */
  readonly target: string | null
  /** Names that lead to the file, in the tree or elsewhere. */
  readonly links: number
  /** Two entries with the same identity are names of one file. */
  readonly identity: string
  /** Changes whenever the file does; null when it was so young that another change might not show. */
  readonly stamp: string | null
}

/** What a tree holds, by path relative to its root, `/` between segments; sorted, so that parents come first. */
export type TreeImage = ReadonlyMap<string, TreeEntry>

/** A tree is such that nobody should work on it, or it changed while it was worked on. */
export class TreeUnusable extends Data.TaggedError("TreeUnusable")<{
  readonly root: string
  /** Goes on a sentence that begins with the tree. */
  readonly reason: string
}> {}

const maxEntries = 100_000
const maxDepth = 100
/** The longest path that a system call takes. */
const maxPathBytes = 4095
/** Of all paths and of what links say. */
const maxTextLength = 32 * 1024 * 1024
/** A directory that takes more than this holds more names than may be read at once. */
const maxDirectorySize = 64 * 1024 * 1024
/** The coarsest clock of a file system. */
const clockGrainMillis = 2000

interface Walk {
  readonly disk: typeof Disk.Service
  readonly root: string
  readonly known: TreeImage
  readonly begun: number
  readonly entries: Array<readonly [path: string, entry: TreeEntry]>
  textLength: number
}

const refuse = ({ root }: Walk, reason: string) => Effect.fail(new TreeUnusable({ root, reason }))

const neededMode: Record<FileType, number> = { directory: 0o500, file: 0o400, symlink: 0, other: 0 }

/**
 * Whoever owns a tree can take his own rights from himself; he gets back what is needed to look at it. A file with
 * several names may be one outside the tree, too: that is left alone.
 */
const openUp = (walk: Walk, path: string, info: FileInfo): Effect.Effect<void, DiskError | TreeUnusable> => {
  const needed = neededMode[info.type]
  if ((info.mode & needed) === needed) return Effect.void
  return info.type === "file" && info.links > 1
    ? refuse(walk, `has a hard link that can't be read, ${JSON.stringify(path)}`)
    : walk.disk.setMode(joinPath(walk.root, path), info.mode | needed)
}

const modeOf = ({ mode, type }: FileInfo): number => {
  if (type === "directory") return (mode & 0o777) | 0o700
  return type === "file" ? mode | 0o600 : type === "symlink" ? 0o777 : mode
}

const digestOfFile = (walk: Walk, path: string, info: FileInfo): Effect.Effect<string, DiskError> => {
  const former = walk.known.get(path)
  return former !== undefined && former.sha256 !== null && former.stamp === info.stamp
    ? Effect.succeed(former.sha256)
    : walk.disk.hashFile(joinPath(walk.root, path))
}

const absent = Effect.succeed(null)

const look = Effect.fnUntraced(function* (walk: Walk, path: string) {
  const { begun, disk, root } = walk
  const absolute = joinPath(root, path)
  const info = Option.getOrNull(yield* disk.lstat(absolute))
  if (info === null) return yield* new DiskError({ path: absolute, op: "lstat", errno: "ENOENT" })
  const { identity, links, size, type } = info
  if (type === "directory" && size > maxDirectorySize) {
    return yield* refuse(walk, `has too many entries in ${JSON.stringify(path)}`)
  }
  yield* openUp(walk, path, info)
  const entry: TreeEntry = {
    ...{ type, size, links, identity, mode: modeOf(info) },
    sha256: yield* type === "file" ? digestOfFile(walk, path, info) : absent,
    target: yield* type === "symlink" ? disk.readLink(absolute) : absent,
    stamp: begun - info.changedMillis > clockGrainMillis ? info.stamp : null,
  }
  return [path, entry] as const
})

const entriesOf = (walk: Walk, directory: string): Effect.Effect<ReadonlyArray<string>, DiskError> =>
  Effect.map(walk.disk.list(joinPath(walk.root, directory)), (entries) =>
    entries.map(({ name }) => (directory === "" ? name : `${directory}/${name}`)),
  )

/** Looks at all that lies in directories of one depth, then deeper. */
const walkLevel = (
  walk: Walk,
  directories: ReadonlyArray<string>,
  depth: number,
): Effect.Effect<void, DiskError | TreeUnusable> =>
  Effect.gen(function* () {
    if (directories.length === 0) return
    if (depth > maxDepth) return yield* refuse(walk, `is nested deeper than ${maxDepth} directories`)
    const paths = (yield* together(directories, (directory) => entriesOf(walk, directory))).flat()
    const tooLong = paths.find((path) => byteLength(joinPath(walk.root, path)) > maxPathBytes)
    if (tooLong !== undefined) return yield* refuse(walk, "has a path that is too long for the system")
    if (walk.entries.length + paths.length > maxEntries) {
      return yield* refuse(walk, `has more than ${maxEntries} entries`)
    }
    const found = yield* together(paths, (path) => look(walk, path))
    for (const [path, { target }] of found) walk.textLength += path.length + (target ?? "").length
    if (walk.textLength > maxTextLength)
      return yield* refuse(walk, "has too much text in its names and links")
    walk.entries.push(...found)
    const deeper = found.filter(([, { type }]) => type === "directory").map(([path]) => path)
    yield* walkLevel(walk, deeper, depth + 1)
  })

const byPath = Order.mapInput(Order.string, ([path]: readonly [string, TreeEntry]) => path)

const nothingKnown: TreeImage = new Map()

/**
 * Looks at a tree, links not followed, contents by their digest. A file that hasn't changed since the image
 * `known` of the same tree isn't read again. What its owner locked is opened: directories and unreadable files
 * get the bits that let him in.
 */
export const imageOf = Effect.fnUntraced(function* (root: string, known: TreeImage = nothingKnown) {
  const disk = yield* Disk
  const begun = yield* Clock.currentTimeMillis
  const walk: Walk = { disk, root, known, begun, entries: [], textLength: 0 }
  const top = yield* disk.lstat(root)
  if (Option.isSome(top)) yield* openUp(walk, "", top.value)
  yield* walkLevel(walk, [""], 0)
  const image: TreeImage = new Map(walk.entries.toSorted(byPath))
  return image
})

/** SHA-256 of all names, types, modes and contents, hexadecimal. */
export const digestOf = (image: TreeImage): string => {
  const hash = createHash("sha256")
  for (const [path, { mode, sha256, target, type }] of image) {
    hash.update(`${JSON.stringify([path, type, mode, sha256, target])}\n`)
  }
  return hash.digest("hex")
}

const blockBytes = 4096

/** Bytes that a private copy may need where the file system can't share contents. */
export const roomFor = (image: TreeImage): number =>
  [...image.values()].reduce(
    (room, { size, type }) =>
      room + blockBytes + (type === "file" ? Math.ceil(size / blockBytes) * blockBytes : 0),
    0,
  )
