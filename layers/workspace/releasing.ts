import { Effect, Exit } from "effect"
import type { DiskError } from "../../src/domain/Errors.ts"
import { Disk } from "../../src/ports/Disk.ts"
import type { Staging } from "../../src/ports/Workspace.ts"
import { removeTree } from "../disk/trees.ts"
import { nothingOvercome, type Overcome, takeAway } from "./moves.ts"
import { occupantOf } from "./OwnerRecord.ts"
import type { StagingOwner } from "./StagingOwner.ts"
import { areaPaths } from "./stagingLayout.ts"

/** Three tries, since nothing else will do it before the next start; says what went wrong with the first ones. */
export const persistently = <A, R>(
  removal: Effect.Effect<A, DiskError, R>,
  overcome: Overcome = nothingOvercome,
): Effect.Effect<readonly [A, Overcome], DiskError, R> =>
  Effect.matchEffect(removal, {
    onSuccess: (done) => Effect.succeed([done, overcome] as const),
    onFailure: (error) =>
      overcome.length < 2 ? persistently(removal, [...overcome, error]) : Effect.fail(error),
  })

const notEmpty = ({ errno }: DiskError): boolean => errno === "ENOTEMPTY" || errno === "EEXIST"

/** What is left of an area when its tree was published, unless plugins kept copies. */
const removeRemains = (trash: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const { copies, owner } = areaPaths(trash)
    yield* disk.removeDirectory(copies)
    yield* disk.removeFile(owner)
    yield* disk.removeDirectory(trash)
  }).pipe(Effect.catchIf(notEmpty, () => removeTree(trash)))

const remove = Effect.fnUntraced(function* (root: string, claim: string, left: "tree" | "remains") {
  const [{ overcome, trash }, takingAway] = yield* persistently(takeAway(root, claim))
  const [, removing] = yield* persistently(left === "tree" ? removeTree(trash) : removeRemains(trash))
  return [...takingAway, ...overcome, ...removing]
})

/** Deleted from outside, the place may have been claimed again since. */
const isAnothers = (root: string, claim: string) =>
  Effect.map(occupantOf(root), (occupant) => occupant._tag === "Claimed" && occupant.record.claim !== claim)

const removeOwn = Effect.fnUntraced(function* (root: string, claim: string, left: "tree" | "remains") {
  const [another, looking] = yield* persistently(isAnothers(root, claim))
  if (another) return looking
  const removing = yield* Effect.catchIf(
    remove(root, claim, left),
    ({ errno }) => errno === "ENOENT",
    () => Effect.succeed(nothingOvercome),
  )
  return [...looking, ...removing]
})

/**
 * Ends a claim, in one step for those who wait for the place, and removes what is left. Does nothing when
 * the claim has ended already: the place may be another's by now. Says what went wrong and did no harm.
 */
export const release = Effect.fnUntraced(function* (
  owner: StagingOwner,
  { claim, root }: Pick<Staging, "claim" | "root">,
  left: "tree" | "remains",
): Effect.fn.Return<Overcome, DiskError, Disk> {
  if (!(yield* owner.isAlive(claim))) return nothingOvercome
  return yield* Effect.onExit(removeOwn(root, claim, left), (exit) => owner.end(claim, Exit.isSuccess(exit)))
}, Effect.uninterruptible)
