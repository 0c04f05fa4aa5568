import { Effect, Option } from "effect"
import { joinPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { type ExportedFile, ExportSourceChanged } from "../../src/domain/Export.ts"
import { Disk } from "../../src/ports/Disk.ts"
import type { ExportProgress } from "../../src/ports/RunExport.ts"
import { together } from "../disk/together.ts"
import { listTree, type LocalFile, type LocalTree } from "../nas/sync/localTree.ts"
import type { Target } from "./Target.ts"

/** The files of a tree, with those that are written to while everything else rests. */
export const filesOf = ({ files, late }: LocalTree): ReadonlyArray<LocalFile> => [...files, ...late]

const look = (path: string) =>
  Effect.flatMap(Disk, (disk) =>
    Effect.flatMap(
      disk.lstat(path),
      Option.match({
        onNone: () => new ExportSourceChanged({ path }),
        onSome: (info) => (info.type === "file" ? Effect.succeed(info) : new ExportSourceChanged({ path })),
      }),
    ),
  )

/** A copy is of one state of its file: what it was before is what it is afterwards. */
const copyOne = (root: string, prefix: string, target: Target, { path, stamp }: LocalFile) =>
  Effect.gen(function* () {
    const from = joinPath(root, path)
    const before = yield* look(from)
    if (before.stamp !== stamp) return yield* new ExportSourceChanged({ path: from })
    const sha256 = yield* target.addFile({ from, to: `${prefix}${path}` }, before)
    const after = yield* look(from)
    if (after.stamp !== stamp) return yield* new ExportSourceChanged({ path: from })
    return { path, size: before.size, sha256 } satisfies ExportedFile
  })

/** The first path at which two looks at a tree differ. Records that are written meanwhile don't count. */
const firstChange = (before: LocalTree, after: LocalTree): string | undefined => {
  const stamps = new Map(before.files.map(({ path, stamp }) => [path, stamp]))
  const changed = after.files.find(({ path, stamp }) => stamps.get(path) !== stamp)
  if (changed !== undefined) return changed.path
  const there = new Set([...after.files.map(({ path }) => path), ...after.directories])
  const gone = [...before.files.map(({ path }) => path), ...before.directories]
  const known = new Set(before.directories)
  return gone.find((path) => !there.has(path)) ?? after.directories.find((path) => !known.has(path))
}

/** What isn't there any more went while it was copied. */
const asChange = (root: string) => (error: DiskError | ExportSourceChanged) =>
  error._tag === "DiskError" && error.errno === "ENOENT" && error.path.startsWith(joinPath(root, ""))
    ? new ExportSourceChanged({ path: error.path })
    : error

interface Copying {
  readonly root: string
  readonly level: "project" | "run"
  readonly tree: LocalTree
  readonly target: Target
  /** Where the tree goes in the export; ends with a slash, or is empty. */
  readonly prefix: string
  readonly tell: ExportProgress
}

/** Copies a tree as it is at one moment: one in which something changes meanwhile is a failure. */
export const copyTree = ({
  level,
  prefix,
  root,
  target,
  tell,
  tree,
}: Copying): Effect.Effect<ReadonlyArray<ExportedFile>, DiskError | ExportSourceChanged, Disk> =>
  Effect.gen(function* () {
    for (const path of tree.directories) yield* target.addDirectory(`${prefix}${path}`)
    const files = filesOf(tree)
    let begun = 0
    const copy = (file: LocalFile) =>
      Effect.suspend(() => tell(++begun, files.length, file.path)).pipe(
        Effect.zipRight(copyOne(root, prefix, target, file)),
      )
    const copied = yield* target.parallel ? together(files, copy) : Effect.forEach(files, copy)
    const changed = firstChange(tree, yield* listTree(root, level))
    return changed === undefined ? copied : yield* new ExportSourceChanged({ path: joinPath(root, changed) })
  }).pipe(Effect.mapError(asChange(root)))
