import { Clock, Effect, Hash, HashMap, Option, Ref } from "effect"
import type { Completeness } from "../../../src/domain/SyncSettings.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { SyncLedger } from "../../../src/ports/SyncLedger.ts"
import { type Claim, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { arrivalOf } from "./completeness.ts"
import { listTree, type LocalTree } from "./localTree.ts"
import { SyncParts } from "./SyncParts.ts"

interface Sight {
  readonly fingerprint: number
  /** Since when it has looked so, by the clock that can't be set. */
  readonly since: number
}

/** How the trees of waiting jobs looked last, by job. */
export type Seen = Ref.Ref<HashMap.HashMap<string, Sight>>

export const nothingSeen: Effect.Effect<Seen> = Ref.make(HashMap.empty<string, Sight>())

const fingerprint = ({ directories, files }: LocalTree): number =>
  Hash.array([...directories, ...files.map(({ path, stamp }) => `${path}\u0000${stamp}`)])

/** Remembers how a job's tree looks; for how long it has looked so, none at the first look. Milliseconds. */
const restedFor = Effect.fnUntraced(function* (seen: Seen, jobId: string, tree: LocalTree) {
  const { steady } = yield* twoClocks
  const now = fingerprint(tree)
  return yield* Ref.modify(seen, (all) => {
    const before = Option.filter(HashMap.get(all, jobId), (sight) => sight.fingerprint === now)
    const since = Option.match(before, { onNone: () => steady, onSome: (sight) => sight.since })
    return [Option.as(before, steady - since), HashMap.set(all, jobId, { fingerprint: now, since })]
  })
})

type Look = { readonly _tag: "Go" } | { readonly _tag: "Wait" | "Gone"; readonly reason: string }

/**
 * A signal may come before the last byte: nothing may have changed from one look to the next. Without a way to tell
 * that it is complete, a run is complete at once. One of which a part is in the trash was: a worker puts that back.
 */
const look = Effect.fnUntraced(function* (
  { job }: Claim,
  completeness: Completeness | undefined,
  seen: Seen,
) {
  if (completeness === undefined) return { _tag: "Go" } satisfies Look
  const ledger = yield* SyncLedger
  if (Option.isSome(yield* ledger.cleanup(job.id))) return { _tag: "Go" } satisfies Look
  const tree = yield* listTree(job.path, job.level)
  const rested = yield* restedFor(seen, job.id, tree)
  const millis = Option.getOrElse(rested, () => 0)
  const arrival = yield* arrivalOf(job.path, completeness, tree, millis)
  if (!arrival.complete) return { _tag: "Wait", reason: `waits for ${arrival.waitingFor}` } satisfies Look
  return completeness.type === "quiet" || Option.isSome(rested)
    ? ({ _tag: "Go" } satisfies Look)
    : ({ _tag: "Wait", reason: "the signal is there; waits until the files rest" } satisfies Look)
})

/** Looks whether the data of a claimed, waiting job have arrived. */
export const lookAtWaiting = Effect.fn("Sync.lookAtWaiting")(function* (claim: Claim, seen: Seen) {
  const queue = yield* SyncQueue
  const { sync } = yield* Settings
  const { equipment, hasHome, isThere, tell } = yield* SyncParts
  const { job } = claim
  const completeness = Option.flatMapNullable(equipment(job.equipmentId), (one) => one.completeness)
  const found: Look = yield* look(claim, Option.getOrUndefined(completeness), seen).pipe(
    Effect.catchAll((error) =>
      Effect.map(
        Effect.zipWith(isThere(job.path), hasHome(job.equipmentId), (there, home) => there || !home),
        (mayComeBack): Look =>
          mayComeBack
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
