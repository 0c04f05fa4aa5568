import { isMetadata } from "../../../src/domain/PublishedTree.ts"
import type { VerifiedFile } from "../../../src/ports/SyncLedger.ts"
import { emptyTree, type LocalTree } from "../sync/localTree.ts"
import type { Difference } from "./Proof.ts"

/**
 * Compares a directory, part of which may lie in the trash, with what was verified. In the trash a file may have
 * another stamp, if `contents` has the digest that it was verified with; without `contents` the size will do.
 */
export const differenceFrom = (
  verified: ReadonlyMap<string, VerifiedFile>,
  place: LocalTree,
  trash: LocalTree = emptyTree,
  contents: ReadonlyMap<string, string> | null = null,
): Difference => {
  const binned = trash.files.filter(({ path }) => !isMetadata(path))
  const inPlace = new Map(place.files.map((file) => [file.path, file]))
  const inTrash = new Map(binned.map((file) => [file.path, file]))
  const isSameInTrash = ({ path, sha256, size, stamp }: VerifiedFile): boolean => {
    const file = inTrash.get(path)
    if (file === undefined || file.stamp === stamp) return true
    return file.size === size && (contents === null || contents.get(path) === sha256)
  }
  const all = [...verified.values()]
  return {
    changed: all
      .filter(
        (file) =>
          (inPlace.has(file.path) && inPlace.get(file.path)?.stamp !== file.stamp) || !isSameInTrash(file),
      )
      .map(({ path }) => path),
    vanished: all.filter(({ path }) => !inPlace.has(path) && !inTrash.has(path)).map(({ path }) => path),
    // What is in both places came to the one while the other was on its way.
    appeared: [
      ...place.files.filter(({ path }) => !verified.has(path) || inTrash.has(path)),
      ...binned.filter(({ path }) => !verified.has(path)),
    ].map(({ path }) => path),
    special: [...place.skipped, ...trash.skipped],
  }
}
