import { Clock, Effect, Hash, HashMap, Option, Ref } from "effect"
import type { Completeness } from "../../../src/domain/SyncSettings.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Claim, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { arrivalOf } from "./completeness.ts"
import { listTree, type LocalTree } from "./localTree.ts"
import { SyncParts } from "./SyncParts.ts"

/** How the trees of waiting jobs looked last, by job. */
export type Seen = Ref.Ref<HashMap.HashMap<string, number>>

export const nothingSeen: Effect.Effect<Seen> = Ref.make(HashMap.empty<string, number>())

const fingerprint = ({ directories, files }: LocalTree): number =>
  Hash.array([...directories, ...files.map(({ path, stamp }) => `${path}\u0000${stamp}`)])

type Look = { readonly _tag: "Go" } | { readonly _tag: "Wait" | "Gone"; readonly reason: string }

/**
 * A signal may come before the last byte: nothing may have changed from one look to the next. Without a way to tell
 * that it is complete, a run is complete at once.
 */
const look = Effect.fnUntraced(function* (
  { job }: Claim,
  completeness: Completeness | undefined,
  seen: Seen,
) {
  if (completeness === undefined) return { _tag: "Go" } satisfies Look
  const tree = yield* listTree(job.path, job.level)
  const arrival = yield* arrivalOf(job.path, completeness, tree)
  if (!arrival.complete) return { _tag: "Wait", reason: `waits for ${arrival.waitingFor}` } satisfies Look
  const now = fingerprint(tree)
  const before = yield* Ref.modify(seen, (all) => [HashMap.get(all, job.id), HashMap.set(all, job.id, now)])
  return completeness.type === "quiet" || Option.contains(before, now)
    ? ({ _tag: "Go" } satisfies Look)
    : ({ _tag: "Wait", reason: "the signal is there; waits until the files rest" } satisfies Look)
})

/** Looks whether the data of a claimed, waiting job have arrived. */
export const lookAtWaiting = Effect.fn("Sync.lookAtWaiting")(function* (claim: Claim, seen: Seen) {
  const queue = yield* SyncQueue
  const { sync } = yield* Settings
  const { equipment, tell } = yield* SyncParts
  const { job } = claim
  const completeness = Option.flatMapNullable(equipment(job.equipmentId), (one) => one.completeness)
  const found: Look = yield* look(claim, Option.getOrUndefined(completeness), seen).pipe(
    Effect.catchAll((error) =>
      Effect.map(
        Effect.flatMap(SyncParts, ({ isThere }) => isThere(job.path)),
        (isThere): Look =>
          isThere
            ? { _tag: "Wait", reason: `can't be looked at: ${error.message}` }
            : { _tag: "Gone", reason: "the directory is gone" },
      ),
    ),
  )
  const now = yield* Clock.currentTimeMillis
  if (found._tag !== "Wait") yield* Ref.update(seen, HashMap.remove(job.id))
  switch (found._tag) {
    case "Go":
      return yield* tell(yield* queue.release(claim, "queued", { reason: "" }))
    case "Gone":
      return yield* tell(yield* queue.release(claim, "failed", { reason: found.reason }))
    case "Wait": {
      const notBefore = now + sync.dataPollSeconds * 1000
      yield* queue.release(claim, "waiting_for_data", { reason: found.reason, notBefore })
    }
  }
})
