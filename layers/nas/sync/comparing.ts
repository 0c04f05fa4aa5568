import { Effect } from "effect"
import { parentPath } from "../../../src/domain/Destination.ts"
import type { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { TargetEntry, TargetTransport } from "../../../src/ports/SyncTransport.ts"
import type { DigestedFile } from "./digesting.ts"
import type { LocalTree } from "./localTree.ts"
import { listed } from "../../../src/domain/listed.ts"

/** What a target has of a directory. */
export interface Difference {
  readonly missing: ReadonlyArray<string>
  readonly different: ReadonlyArray<string>
}

/** Compares by path. What is only there is told by `onlyThere`: nothing that was published is ever taken away. */
export const differenceOf = (
  here: ReadonlyMap<string, { readonly sha256: string }>,
  there: ReadonlyMap<string, string>,
): Difference => {
  const missing: Array<string> = []
  const different: Array<string> = []
  for (const [path, { sha256 }] of here) {
    const digest = there.get(path)
    if (digest === undefined) missing.push(path)
    else if (digest !== sha256) different.push(path)
  }
  return { missing: missing.toSorted(), different: different.toSorted() }
}

/** What is here as a file, and as a folder. */
const pathsOf = ({ directories, files, late }: LocalTree) => ({
  files: new Set([...files, ...late].map(({ path }) => path)),
  folders: new Set(directories),
})

const isBelowOneOf = (folders: ReadonlySet<string>, path: string): boolean =>
  path.includes("/") && (folders.has(parentPath(path)) || isBelowOneOf(folders, parentPath(path)))

/** Entries that a tree doesn't have, or has as something else; of a folder that it doesn't have, the folder alone. */
export const strangersIn = (
  tree: LocalTree,
  entries: ReadonlyArray<TargetEntry>,
): ReadonlyArray<TargetEntry> => {
  const { files, folders } = pathsOf(tree)
  const strange = entries.filter(({ isFolder, path }) => !(isFolder ? folders : files).has(path))
  const outermost = new Set(strange.flatMap(({ isFolder, path }) => (isFolder ? [path] : [])))
  return strange.filter(({ path }) => !isBelowOneOf(outermost, path))
}

/** Files that are on the target and not here, sorted. */
export const onlyThere = (tree: LocalTree, entries: ReadonlyArray<TargetEntry>): ReadonlyArray<string> => {
  const { files } = pathsOf(tree)
  return entries.flatMap(({ isFolder, path }) => (isFolder || files.has(path) ? [] : [path])).toSorted()
}

/** What is a file on one side and a folder on the other, sorted. */
export const clashes = (tree: LocalTree, entries: ReadonlyArray<TargetEntry>): ReadonlyArray<string> => {
  const { files, folders } = pathsOf(tree)
  return entries
    .flatMap(({ isFolder, path }) => ((isFolder ? files : folders).has(path) ? [path] : []))
    .toSorted()
}

/** What to do about those: a file never takes a folder's place there, nor a folder that of a file. */
export const clashRemedy = (paths: ReadonlyArray<string>): string =>
  `a file on one side, a folder on the other, and nothing is taken away from the NAS: ${listed(paths)}. Move it away there, then retry`

/**
 * What the target's storage gives back of these files: from where they are gathered, and for those that
 * didn't have to be sent, from their final place.
 */
export const digestsThere = (
  transport: TargetTransport,
  { final, incoming }: { readonly final: string; readonly incoming: string },
  files: ReadonlyMap<string, DigestedFile>,
): Effect.Effect<ReadonlyMap<string, string>, SyncFailure> =>
  Effect.gen(function* () {
    const paths = [...files.keys()]
    const gathered = yield* transport.digests(incoming, paths)
    const others = paths.filter((path) => gathered.get(path) !== files.get(path)?.sha256)
    const published = others.length === 0 ? new Map() : yield* transport.digests(final, others)
    return new Map<string, string>([...published, ...gathered])
  })
