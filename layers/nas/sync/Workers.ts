import { Array, Cause, Clock, Context, Effect, Layer, Option, Ref, Schedule } from "effect"
import type { SyncGate } from "../../../src/audit/SyncGate.ts"
import type { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { SyncFailure } from "../../../src/domain/SyncFailure.ts"
import type { SyncJob } from "../../../src/domain/SyncJob.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { LeaseLost, SyncQueue } from "../../../src/ports/SyncQueue.ts"
import type { SyncLedger } from "../../../src/ports/SyncLedger.ts"
import type { SyncTransport } from "../../../src/ports/SyncTransport.ts"
import type { WizardLog } from "../../../src/ports/WizardLog.ts"
import { twoClocks } from "../../sharing/twoClocks.ts"
import { reconcile } from "./reconciling.ts"
import { cleaningRound } from "../cleanup/round.ts"
import { emptyTrash } from "../cleanup/emptying.ts"
import { holding } from "../cleanup/holding.ts"
import { makeUndoInterrupted } from "../cleanup/undoing.ts"
import { SyncParts } from "./SyncParts.ts"
import { checkTarget, queueTrouble, transportOf } from "./target.ts"
import { isThere, isVerified } from "./verifying.ts"
import { lookAtWaiting, nothingSeen } from "./waiting.ts"
import { workOn } from "./working.ts"

type Given =
  CreationWriter | Disk | Settings | SyncGate | SyncLedger | SyncParts | SyncQueue | SyncTransport | WizardLog

/** How long ago each of the loops that drive the sync showed that it lives. */
export class Workers extends Context.Tag("exlab-wizard/Workers")<
  Workers,
  {
    /** Milliseconds. */
    readonly silent: Effect.Effect<ReadonlyArray<number>>
  }
>() {
  static readonly layer: Layer.Layer<Workers, never, Given> = Layer.scoped(
    Workers,
    Effect.suspend(() => make),
  )

  /** Nobody works. */
  static readonly layerNone: Layer.Layer<Workers> = Layer.succeed(Workers, { silent: Effect.succeed([]) })
}

/** A loop that met something unforeseen goes on, after a while: nothing may stop the sync silently. */
const pauseAfterTrouble = "5 seconds"

const unstoppable = <E, R>(name: string, turn: Effect.Effect<void, E, R>): Effect.Effect<never, never, R> =>
  turn.pipe(
    Effect.catchAllCause((cause) =>
      Cause.isInterruptedOnly(cause)
        ? Effect.interrupt
        : Effect.delay(Effect.logError(`${name}: ${Cause.pretty(cause)}`), pauseAfterTrouble),
    ),
    Effect.forever,
  )

/** How often the clean-up looks when there is nothing to do, or when it met trouble. */
const cleaningPause = "1 minute"

const targetOf = (job: SyncJob) =>
  Effect.flatMap(transportOf(job.equipmentId), (transport) =>
    Option.isSome(transport)
      ? Effect.asVoid(checkTarget(job.equipmentId, transport.value))
      : new SyncFailure({ class: "permanent", reason: `${job.equipmentId} has no transport`, files: [] }),
  ).pipe(queueTrouble)

const thereNow = (...asked: Parameters<typeof isThere>) => queueTrouble(isThere(...asked))

/** One step of the clean-up, or a pause; what was removed before goes for good when its time has come. */
const cleaningTurn = <E extends { readonly message: string }, R>(between: Effect.Effect<void, E, R>) =>
  Effect.gen(function* () {
    const { tell } = yield* SyncParts
    const looks = { target: targetOf, isThere: thereNow }
    const job = yield* cleaningRound({ ...looks, verify: isVerified })
    if (Option.isSome(job)) return yield* tell(job.value)
    yield* emptyTrash(looks)
    yield* between
    yield* Effect.sleep(cleaningPause)
  }).pipe(
    Effect.catchAll(({ message }) => Effect.delay(Effect.logWarning(`clean-up: ${message}`), cleaningPause)),
  )

/** Equipment whose target takes nothing for now. */
const pausedNow = Effect.gen(function* () {
  const queue = yield* SyncQueue
  const now = yield* Clock.currentTimeMillis
  const pauses = yield* queue.pausedTargets
  return pauses.flatMap(({ equipmentId, since, until }) => (since <= now && until > now ? [equipmentId] : []))
})

const claimWork = Effect.gen(function* () {
  const queue = yield* SyncQueue
  const { sync } = yield* Settings
  const except = yield* pausedNow
  return yield* queue.claim({
    states: ["queued", "awaiting_verify"],
    perEquipment: sync.perEquipment,
    except,
  })
})

const steadyNow = Effect.map(twoClocks, ({ steady }) => steady)

const make = Effect.gen(function* () {
  const queue = yield* SyncQueue
  const { nasCleanup, sync } = yield* Settings
  const seenWaiting = yield* nothingSeen
  const undoInterrupted = yield* makeUndoInterrupted
  const names = [...Array.makeBy(sync.workers, (n) => `worker ${n + 1}`), "data watcher"]
  const pulses = yield* Effect.forEach(names, () => Effect.flatMap(steadyNow, Ref.make))

  const pulse = (index: number) =>
    Effect.flatMap(steadyNow, (now) =>
      Option.match(Array.get(pulses, index), {
        onNone: () => Effect.void,
        onSome: (ref) => Ref.set(ref, now),
      }),
    )
  /** While it works, it lives: what it does has time limits of its own. */
  const beating = <A, E, R>(index: number, work: Effect.Effect<A, E, R>) =>
    Effect.raceFirst(work, Effect.forever(Effect.delay(pulse(index), "10 seconds")))

  const ifLost = <A, E, R>(work: Effect.Effect<A, E | LeaseLost, R>) =>
    Effect.catchIf(
      work,
      (error): error is LeaseLost => error instanceof LeaseLost,
      ({ message }) => Effect.logInfo(message),
    )
  const idle = Effect.timeoutOption(queue.awaitWork, "30 seconds")

  /** One claim with the work on it; what comes between gives the job back when the scope closes. */
  const turn = (index: number) =>
    Effect.zipRight(
      pulse(index),
      Effect.scoped(
        Effect.flatMap(claimWork, (claim) =>
          Option.isSome(claim)
            ? Effect.as(ifLost(beating(index, workOn(claim.value))), true)
            : Effect.succeed(false),
        ),
      ).pipe(Effect.flatMap((worked) => (worked ? Effect.void : Effect.asVoid(idle)))),
    )

  const watchTurn = Effect.zipRight(
    pulse(sync.workers),
    Effect.scoped(
      Effect.flatMap(
        queue.claim({ states: ["waiting_for_data"], perEquipment: null, except: [] }),
        (claim) =>
          Option.isSome(claim)
            ? Effect.as(ifLost(holding(claim.value, lookAtWaiting(claim.value, seenWaiting))), true)
            : Effect.succeed(false),
      ),
    ).pipe(Effect.flatMap((looked) => (looked ? Effect.void : Effect.asVoid(idle)))),
  )

  if (sync.enabled) {
    yield* Effect.forkScoped(
      Effect.zipRight(
        Effect.retry(queue.recover, Schedule.spaced(pauseAfterTrouble)).pipe(Effect.orElseSucceed(() => 0)),
        Effect.all(
          [
            ...Array.makeBy(sync.workers, (n) => unstoppable(`sync worker ${n + 1}`, turn(n))),
            unstoppable("sync data watcher", watchTurn),
            unstoppable("clean-up", cleaningTurn(nasCleanup.enabled ? Effect.void : undoInterrupted)),
            Effect.forever(Effect.delay(Effect.ignoreLogged(queue.recover), `${sync.leaseSeconds} seconds`)),
            Effect.ignoreLogged(reconcile),
          ],
          { concurrency: "unbounded", discard: true },
        ),
      ),
    )
  }
  return Workers.of({
    silent: Effect.flatMap(steadyNow, (now) =>
      Effect.forEach(pulses, (last) => Effect.map(Ref.get(last), (seen) => now - seen)),
    ),
  })
})
