import { Deferred, Effect, Either, Fiber, Ref } from "effect"
import { CreationController } from "../../src/controller/CreationController.ts"
import type { SessionId } from "../../src/domain/Session.ts"
import { Action, atOperation, type Operation } from "../support/FaultDisk.ts"
import { Hooks } from "../support/HookedStore.ts"

/** What happens at one operation; of a disk that is gone no later one works, either. */
export const disturbances = [
  "fails before",
  "fails after",
  "the disk is gone",
  "interrupted before",
  "interrupted after",
  "cancelled",
  "cancelled and discarded",
] as const
export type Disturbance = (typeof disturbances)[number] | "breaks"

/** Whether it comes before the operation is done. The two cancels take turns, so that both come at both moments. */
export const comesBefore = (disturbance: Disturbance, k: number): boolean => {
  switch (disturbance) {
    case "cancelled":
      return k % 2 === 0
    case "cancelled and discarded":
      return k % 2 === 1
    default:
      return disturbance.endsWith("before") || mayLeave(disturbance)
  }
}

/** Whether something may be left until the next start: when nothing can be removed, and after a bug. */
export const mayLeave = (disturbance: Disturbance): boolean =>
  disturbance === "the disk is gone" || disturbance === "breaks"

/** How the cancel ended that a disturbance began: none when there was no such. */
export type CancelOutcome = "none" | "aborted" | "SessionAlreadyCompleted" | "SessionNotFound"

const newest = (controller: typeof CreationController.Service): Effect.Effect<SessionId> =>
  Effect.flatMap(controller.list({ limit: 1 }), ({ sessions }) =>
    Effect.orDie(Effect.fromNullable(sessions[0]?.sessionId)),
  )

/** Enough for an interruption that was sent to arrive where it can. */
const settleDown = Effect.repeatN(Effect.yieldNow(), 20)

/** Cancels the newest session from outside; goes on when it is marked and its fiber was told. */
const cancelling = (discardFiles: boolean) =>
  Effect.gen(function* () {
    const controller = yield* CreationController
    const hooks = yield* Hooks
    const marked = yield* Deferred.make<void>()
    const ending = yield* Ref.make<Fiber.Fiber<CancelOutcome> | null>(null)
    yield* hooks.once({
      when: "after",
      matches: ({ name }) => name === "markEnding",
      run: () => Deferred.succeed(marked, undefined),
    })
    const cancel = Effect.flatMap(newest(controller), (id) =>
      Effect.either(controller.cancel(id, { discardFiles })),
    ).pipe(Effect.map(Either.match({ onLeft: ({ _tag }) => _tag, onRight: (): CancelOutcome => "aborted" })))
    const start = Effect.forkDaemon(cancel).pipe(
      Effect.flatMap((fiber) => Ref.set(ending, fiber)),
      Effect.zipRight(Deferred.await(marked)),
      Effect.zipRight(settleDown),
    )
    const cancelled = Effect.flatMap(ending, (fiber) =>
      fiber === null ? nobodyCancelled : Fiber.join(fiber),
    )
    return { start, cancelled }
  })

const nobodyCancelled: Effect.Effect<CancelOutcome> = Effect.succeed("none")

const failing = (action: Action, k: number) => ({ plan: atOperation(k, action), cancelled: nobodyCancelled })

const dead = Action.FailBefore({ errno: "EIO" })

/** What the disk does, and afterwards what became of the cancel, if there was one. */
export const planOf = (disturbance: Disturbance, k: number) =>
  Effect.gen(function* () {
    switch (disturbance) {
      case "fails before":
        return failing(Action.FailBefore({ errno: "EIO" }), k)
      case "fails after":
        return failing(Action.FailAfter({ errno: "EIO" }), k)
      case "the disk is gone":
        return { ...failing(dead, k), plan: ({ index }: Operation) => (index < k ? Action.Pass() : dead) }
      case "breaks":
        return failing(Action.RunBefore({ effect: Effect.dieMessage("the disk's adapter broke") }), k)
      case "interrupted before":
        return failing(Action.InterruptBefore(), k)
      case "interrupted after":
        return failing(Action.InterruptAfter(), k)
      default: {
        const { cancelled, start } = yield* cancelling(disturbance === "cancelled and discarded")
        const action = comesBefore(disturbance, k)
          ? Action.RunBefore({ effect: start })
          : Action.RunAfter({ effect: start })
        return { plan: atOperation(k, action), cancelled }
      }
    }
  })
