import { Array, Effect, HashSet, Order, Ref } from "effect"
import { parentPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"

/**
 * Directories that claims had to make above their destinations. Their own entries are on stable storage only
 * when a publication below them flushes them, be it another session's than the one that made them.
 */
export interface NewParents {
  /** Notes those of `made` that lie above `path`. */
  readonly note: (made: ReadonlyArray<string>, path: string) => Effect.Effect<void>
  /** Flushes the entries of those above `path`, innermost first. */
  readonly flushAbove: (path: string) => Effect.Effect<void, DiskError, Disk>
}

const innermostFirst = Order.reverse(Order.mapInput(Order.number, (path: string) => path.length))

const isAbove =
  (path: string) =>
  (directory: string): boolean =>
    path.startsWith(`${directory}/`)

export const make: Effect.Effect<NewParents> = Effect.map(Ref.make(HashSet.empty<string>()), (waiting) => ({
  note: (made, path) => Ref.update(waiting, HashSet.union(made.filter(isAbove(path)))),
  flushAbove: (path) =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const all = yield* Ref.get(waiting)
      const above = HashSet.filter(all, isAbove(path))
      yield* Effect.forEach(Array.sort(above, innermostFirst), (directory) =>
        Effect.zipRight(disk.flush(parentPath(directory)), Ref.update(waiting, HashSet.remove(directory))),
      )
    }),
}))
