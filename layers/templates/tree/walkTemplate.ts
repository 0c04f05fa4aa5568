import { Array, Clock, Effect, Option } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { DiskError } from "../../../src/domain/Errors.ts"
import type { Manifest } from "../../../src/domain/Template.ts"
import { type DirectoryEntry, type Disk, type FileInfo } from "../../../src/ports/Disk.ts"
import { together } from "../../disk/together.ts"
import { globMatcher } from "../../globs/globMatcher.ts"
import { manifestFile } from "../manifest/decodeManifest.ts"
import { type Problem, problem } from "../problems.ts"
import { below, type FileRole, partialsFolder, type WalkedFile } from "./TemplateTree.ts"

/** The coarsest clock of a file system: a younger change may be followed by one that leaves the same stamp. */
export const clockGrainMillis = 2000

export interface WalkLimits {
  /** Files and directories. */
  readonly maxFiles: number
  readonly maxDepth: number
}

export interface WalkedTemplate {
  readonly directories: ReadonlyArray<string>
  readonly files: ReadonlyArray<WalkedFile>
  readonly problems: ReadonlyArray<Problem>
}

interface Walk {
  readonly disk: typeof Disk.Service
  readonly root: string
  readonly limits: WalkLimits
  readonly excluded: (path: string) => boolean
  readonly roleOf: (path: string) => FileRole
  readonly directories: Array<string>
  readonly files: Array<WalkedFile>
  readonly problems: Array<Problem>
  entries: number
}

interface Directory {
  readonly path: string
  /** Absolute real path. */
  readonly realPath: string
  /** Real paths of the directories around it, itself included. */
  readonly chain: ReadonlyArray<string>
}

const refuse = (walk: Walk, path: string, code: Problem["code"], message: string): void => {
  walk.problems.push(problem(code, path, 0, message))
}

const isPartialPath = (path: string): boolean =>
  path === partialsFolder || path.startsWith(`${partialsFolder}/`)

/** What the manifest leaves out; never what is needed to render the rest. */
const exclusion = (manifest: Manifest): Walk["excluded"] => {
  const matches = globMatcher(manifest.exclude ?? [])
  const body = manifest.readme?.body ?? ""
  return (path) =>
    path !== manifestFile && !isPartialPath(path) && !`${body}/`.startsWith(`${path}/`) && matches(path)
}

const roles =
  (manifest: Manifest): Walk["roleOf"] =>
  (path) => {
    if (path === manifestFile) return "manifest"
    if (isPartialPath(path)) return "partial"
    if (path === manifest.readme?.body) return "body"
    if (path.endsWith("/.gitkeep") || path === ".gitkeep") return "placeholder"
    return path.endsWith(".hbs") ? "text" : "copy"
  }

interface Found {
  readonly path: string
  readonly realPath: string
  /** Null for a directory, of which no more is needed. */
  readonly info: FileInfo | null
}

const vanished = (path: string): DiskError => new DiskError({ path, op: "lstat", errno: "ENOENT" })

const inspect = (
  disk: typeof Disk.Service,
  path: string,
  realPath: string,
): Effect.Effect<Option.Option<Found>, DiskError> =>
  Effect.flatMap(
    disk.lstat(realPath),
    Option.match({
      onNone: () => Effect.fail(vanished(realPath)),
      onSome: (info) => Effect.succeedSome({ path, realPath, info: info.type === "directory" ? null : info }),
    }),
  )

export const isInside = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`)

/** What a link leads to, if that is in the template. */
const follow = (walk: Walk, path: string, link: string): Effect.Effect<Option.Option<Found>, DiskError> =>
  walk.disk.realPath(link).pipe(
    Effect.flatMap((realPath) => {
      if (!isInside(realPath, walk.root)) {
        refuse(walk, path, "symlink_refused", "is a link that leads out of the template")
        return Effect.succeedNone
      }
      return inspect(walk.disk, path, realPath)
    }),
    Effect.catchIf(
      ({ errno }) => errno === "ENOENT" || errno === "ELOOP" || errno === "ENOTDIR",
      () => {
        refuse(walk, path, "symlink_refused", "is a link that leads nowhere")
        return Effect.succeedNone
      },
    ),
  )

const look = (
  walk: Walk,
  within: Directory,
  entry: DirectoryEntry,
): Effect.Effect<Option.Option<Found>, DiskError> => {
  const path = below(within.path, entry.name)
  const realPath = joinPath(within.realPath, entry.name)
  return entry.type === "symlink" ? follow(walk, path, realPath) : inspect(walk.disk, path, realPath)
}

const addFile = (walk: Walk, path: string, realPath: string, info: FileInfo, now: number): void => {
  const { size, mode, stamp } = info
  const settled = now - info.modifiedMillis > clockGrainMillis
  walk.files.push({ path, realPath, role: walk.roleOf(path), size, mode, stamp, settled })
}

const enter = (
  walk: Walk,
  path: string,
  realPath: string,
  within: Directory,
): Effect.Effect<void, DiskError> => {
  if (within.chain.includes(realPath)) {
    refuse(walk, path, "symlink_refused", "is a link to a directory that it lies in")
    return Effect.void
  }
  if (within.chain.length > walk.limits.maxDepth) {
    refuse(walk, path, "limit_exceeded", `is nested deeper than ${walk.limits.maxDepth} directories`)
    return Effect.void
  }
  if (!isPartialPath(path)) walk.directories.push(path)
  return walkDirectory(walk, { path, realPath, chain: [...within.chain, realPath] })
}

const isOddName = (name: string): boolean => /\p{Cc}|\p{Surrogate}/u.test(name)

/** Whether an entry is looked at; notes why not, where that is a mistake. */
const admits = (walk: Walk, within: Directory, { name }: DirectoryEntry): boolean => {
  const path = below(within.path, name)
  if (walk.excluded(path)) return false
  if (isOddName(name)) {
    refuse(walk, path, "name_unsafe", "has a name with control characters, or one that isn't UTF-8")
    return false
  }
  walk.entries += 1
  if (walk.entries === walk.limits.maxFiles + 1) {
    refuse(walk, "", "limit_exceeded", `has more than ${walk.limits.maxFiles} files and directories`)
  }
  return walk.entries <= walk.limits.maxFiles
}

const walkDirectory = Effect.fnUntraced(function* (
  walk: Walk,
  directory: Directory,
): Effect.fn.Return<void, DiskError> {
  const entries = yield* walk.disk.list(directory.realPath, { isDirectory: true })
  const admitted = entries.filter((entry) => admits(walk, directory, entry))
  const [others, directories] = Array.partition(admitted, ({ type }) => type === "directory")
  const found = yield* together(others, (entry) => look(walk, directory, entry))
  const now = yield* Clock.currentTimeMillis
  for (const { path, realPath, info } of found.flatMap(Option.toArray)) {
    if (info === null) yield* enter(walk, path, realPath, directory)
    else if (info.type === "file") addFile(walk, path, realPath, info, now)
    else refuse(walk, path, "file_unreadable", "is neither a file nor a directory")
  }
  for (const { name } of directories) {
    yield* enter(walk, below(directory.path, name), joinPath(directory.realPath, name), directory)
  }
})

const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0

/**
 * Finds every file and directory of a template, but for what its manifest excludes. Links are followed
 * as long as they stay inside the template. The real path of the template is given.
 */
export const walkTemplate = Effect.fnUntraced(function* (
  disk: typeof Disk.Service,
  root: string,
  manifest: Manifest,
  limits: WalkLimits,
) {
  const walk: Walk = {
    disk,
    root,
    limits,
    excluded: exclusion(manifest),
    roleOf: roles(manifest),
    directories: [],
    files: [],
    problems: [],
    entries: 0,
  }
  yield* walkDirectory(walk, { path: "", realPath: root, chain: [root] })
  const walked: WalkedTemplate = {
    directories: walk.directories.toSorted(),
    files: walk.files.toSorted(byPath),
    problems: walk.problems,
  }
  return walked
})
