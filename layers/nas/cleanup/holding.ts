import { Duration, Effect } from "effect"
import { Settings } from "../../../src/ports/Settings.ts"
import { type Claim, SyncQueue } from "../../../src/ports/SyncQueue.ts"

/** Reading a large directory takes longer than a lease. Who loses it all the same stops. */
export const holding = <A, E, R>(claim: Claim, work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const queue = yield* SyncQueue
    const { leaseSeconds } = (yield* Settings).sync
    const renewed = Effect.delay(queue.renew(claim), Duration.seconds(leaseSeconds / 3))
    return yield* Effect.raceFirst(work, Effect.forever(renewed))
  })
