import { Clock, Data, Effect, Option, Order } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { DiskError } from "../../../src/domain/Errors.ts"
import { Disk, type FileInfo, type FileType } from "../../../src/ports/Disk.ts"
import { isSettled } from "../../../src/domain/settled.ts"
import { together } from "../../disk/together.ts"
import { linkProblem } from "../tree/linkProblem.ts"

/** One entry of a plugin's folder, as it is seen without reading it. */
interface CodeEntry {
  readonly type: FileType
  readonly mode: number
  /** Bytes. */
  readonly size: number
  /** What a link says. */
  readonly target: string | null
  readonly stamp: string
  /** Whether any later change shows in the stamp. */
  readonly isSettled: boolean
}

/** What is in a plugin's folder, by path relative to it, parents first. */
export type CodeListing = ReadonlyMap<string, CodeEntry>

/** Why a folder holds no code that could be run, a sentence. */
export class CodeRefused extends Data.TaggedError("CodeRefused")<{ readonly reason: string }> {}

const refuse = (reason: string) => new CodeRefused({ reason })

const limits = { entries: 20_000, mebibytes: 200, depth: 64 } as const

interface Walk {
  readonly disk: typeof Disk.Service
  readonly root: string
  readonly begun: number
  readonly entries: Array<readonly [path: string, entry: CodeEntry]>
}

/** The owner of a copied directory must be able to fill it. */
const modeOf = ({ mode, type }: FileInfo): number => (type === "directory" ? (mode & 0o777) | 0o700 : mode)

const nowhere = Effect.succeed(null)

const look = Effect.fnUntraced(function* ({ begun, disk, root }: Walk, path: string) {
  const absolute = joinPath(root, path)
  const info = Option.getOrNull(yield* disk.lstat(absolute))
  if (info === null) return yield* new DiskError({ path: absolute, op: "lstat", errno: "ENOENT" })
  const { size, stamp, type } = info
  const target = yield* type === "symlink" ? disk.readLink(absolute) : nowhere
  const entry = {
    type,
    size,
    stamp,
    target,
    mode: modeOf(info),
    isSettled: isSettled(info.changedMillis, begun),
  }
  return [path, entry] as const
})

const namesIn = ({ disk, root }: Walk, directory: string) =>
  Effect.map(disk.list(directory === "" ? root : joinPath(root, directory)), (entries) =>
    entries.map(({ name }) => (directory === "" ? name : `${directory}/${name}`)),
  )

const walkLevel = (
  walk: Walk,
  directories: ReadonlyArray<string>,
  depth: number,
): Effect.Effect<void, DiskError | CodeRefused> =>
  Effect.gen(function* () {
    if (directories.length === 0) return
    if (depth > limits.depth) return yield* refuse(`it is nested deeper than ${limits.depth} folders`)
    const paths = (yield* together(directories, (directory) => namesIn(walk, directory))).flat()
    if (walk.entries.length + paths.length > limits.entries) {
      return yield* refuse(`it has more than ${limits.entries} files and folders`)
    }
    const found = yield* together(paths, (path) => look(walk, path))
    walk.entries.push(...found)
    const deeper = found.filter(([, { type }]) => type === "directory").map(([path]) => path)
    yield* walkLevel(walk, deeper, depth + 1)
  })

const entryProblem = (
  listing: CodeListing,
  path: string,
  { mode, target, type }: CodeEntry,
): string | null => {
  const name = JSON.stringify(path)
  if (type === "other") return `${name} is neither a file nor a folder`
  // A copy of it would run with the rights of this service's user, whoever starts it.
  if (type === "file" && (mode & 0o6000) !== 0) return `${name} is set-uid or set-gid`
  const problem = target === null ? null : linkProblem(listing, path, target)
  return problem === null ? null : `${name} is a link to ${JSON.stringify(target)}, which ${problem}`
}

const problemOf = (listing: CodeListing): string | null => {
  const bytes = [...listing.values()].reduce((sum, { size }) => sum + size, 0)
  if (bytes > limits.mebibytes * 1024 * 1024) return `it has more than ${limits.mebibytes} MiB`
  for (const [path, entry] of listing) {
    const problem = entryProblem(listing, path, entry)
    if (problem !== null) return problem
  }
  return null
}

const byPath = Order.mapInput(Order.string, ([path]: readonly [string, CodeEntry]) => path)

/** Looks through a plugin's folder. No link is followed, and nothing is opened. */
export const listCode = (root: string): Effect.Effect<CodeListing, DiskError | CodeRefused, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const begun = yield* Clock.currentTimeMillis
    const walk: Walk = { disk, root, begun, entries: [] }
    yield* walkLevel(walk, [""], 0)
    const listing: CodeListing = new Map(walk.entries.toSorted(byPath))
    const problem = problemOf(listing)
    return problem === null ? listing : yield* refuse(problem)
  })

const isLike = (before: CodeListing, now: CodeListing, isSame: (a: CodeEntry, b: CodeEntry) => boolean) =>
  before.size === now.size &&
  [...before].every(([path, entry]) => {
    const other = now.get(path)
    return other !== undefined && entry.type === other.type && isSame(entry, other)
  })

/** A directory's stamp tells of names that come and go, which the listing shows by itself. */
const sameStamp = (a: CodeEntry, b: CodeEntry): boolean => a.type === "directory" || a.stamp === b.stamp

/** Whether two listings show the same, as far as stamps go. */
export const looksSame = (before: CodeListing, now: CodeListing): boolean => isLike(before, now, sameStamp)

/** Whether what was read after `before` was listed is what `now` lists. */
export const isUnchanged = (before: CodeListing, now: CodeListing): boolean =>
  isLike(before, now, (a, b) => sameStamp(a, b) && (a.type === "directory" || a.isSettled))
