import { Deferred, Effect, Either, FiberId, Option } from "effect"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { manifestFile } from "../manifest/decodeManifest.ts"
import { type Problem, problem } from "../problems.ts"
import * as LeastRecentlyUsed from "./LeastRecentlyUsed.ts"
import { isStillSame, loadTemplate } from "./loadTemplate.ts"
import type { Manifests } from "./Manifests.ts"
import type { TemplateTree } from "./TemplateTree.ts"
import type { WalkLimits } from "./walkTemplate.ts"

/** Bytes of memory that the templates may take which nobody uses at the moment. */
const capacity = 256 * 1024 * 1024

/** A template as it is now, or why it can't be read as one. */
export type LoadedTree = Either.Either<TemplateTree, ReadonlyArray<Problem>>

/** Templates that were read, by real path. What hasn't changed isn't read again. */
export interface TemplateTrees {
  readonly load: (root: string) => Effect.Effect<LoadedTree, DiskError>
  /** One that was read before, as it was then. */
  readonly remembered: (root: string, digest: string) => TemplateTree | undefined
}

const changing: LoadedTree = Either.left([
  problem("file_unreadable", manifestFile, 0, "changes while it is read"),
])

export const make = (disk: typeof Disk.Service, manifests: Manifests, limits: WalkLimits): TemplateTrees => {
  const trees = LeastRecentlyUsed.make<TemplateTree>(capacity, ({ weight }) => weight)
  const firstLoads = new Map<string, Deferred.Deferred<void>>()

  const loadNow = Effect.fnUntraced(function* (root: string) {
    const before = Option.fromNullable(trees.get(root))
    if (Option.isSome(before) && (yield* isStillSame(disk, before.value, limits)))
      return Either.right(before.value)
    const { source, sha256 } = yield* manifests.read(root)
    if (Either.isLeft(source)) return Either.left(source.left)
    const tree = yield* loadTemplate(disk, root, source.right, limits, before)
    const manifest = tree.files.find(({ role }) => role === "manifest")
    if (manifest !== undefined && manifest.sha256 !== sha256) return changing
    trees.set(root, tree)
    return Either.right(tree)
  })

  const loadFirst = (root: string, wait: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>) => {
    const done = Deferred.unsafeMake<void>(FiberId.none)
    firstLoads.set(root, done)
    const finish = Effect.suspend(() => {
      firstLoads.delete(root)
      return Deferred.succeed(done, undefined)
    })
    return Effect.ensuring(wait(loadNow(root)), finish)
  }

  /** Where many ask for a template that nobody has read yet, one reads it; the others look for changes then. */
  const load = (root: string): Effect.Effect<LoadedTree, DiskError> =>
    Effect.uninterruptibleMask((restore) => {
      if (trees.get(root) !== undefined) return restore(loadNow(root))
      const loading = firstLoads.get(root)
      return loading === undefined
        ? loadFirst(root, restore)
        : restore(Effect.zipRight(Deferred.await(loading), loadNow(root)))
    })

  const remembered = (root: string, digest: string): TemplateTree | undefined => {
    const tree = trees.get(root)
    return tree?.digest === digest ? tree : undefined
  }

  return { load, remembered }
}
