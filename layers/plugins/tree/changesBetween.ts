import type { TreeEntry, TreeImage } from "./TreeImage.ts"

export interface TreeChange {
  /** Relative to the root. */
  readonly path: string
  readonly kind: "created" | "modified" | "deleted"
  /** Null of what was created. */
  readonly before: TreeEntry | null
  /** Null of what was deleted. */
  readonly after: TreeEntry | null
}

const isSame = (a: TreeEntry, b: TreeEntry): boolean =>
  a.type === b.type && a.mode === b.mode && a.sha256 === b.sha256 && a.target === b.target

const changeOf = (path: string, before: TreeEntry | null, after: TreeEntry | null): TreeChange | null => {
  if (before === null) return { path, kind: "created", before, after }
  if (after === null) return { path, kind: "deleted", before, after }
  return isSame(before, after) ? null : { path, kind: "modified", before, after }
}

/** What is different, sorted by path. What was renamed was deleted here and created there. */
export const changesBetween = (before: TreeImage, after: TreeImage): ReadonlyArray<TreeChange> => {
  const paths = [...before.keys(), ...[...after.keys()].filter((path) => !before.has(path))]
  return paths.toSorted(byCodeUnit).flatMap((path) => {
    const change = changeOf(path, before.get(path) ?? null, after.get(path) ?? null)
    return change === null ? [] : [change]
  })
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
