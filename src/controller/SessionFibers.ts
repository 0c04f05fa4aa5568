import { Deferred, Effect, ExecutionStrategy, Fiber, HashMap, Option, Ref, Scope } from "effect"
import type { Answer } from "../domain/Plugin.ts"
import type { SessionHandle, SessionId } from "../domain/Session.ts"

/** What is alive of a session in this process, while it is. None of it is in the store. */
export interface RunningSession {
  readonly id: SessionId
  /** The handle that `create` returns: the gate's verdict, or how the session ended before it. */
  readonly verdict: Deferred.Deferred<SessionHandle>
  readonly fiber: Deferred.Deferred<Fiber.RuntimeFiber<void>>
  readonly waiting: Ref.Ref<Waiting>
}

/** The prompts that there were, and what wakes the session that waits for an answer to the last one. */
export interface Waiting {
  readonly promptIds: ReadonlyArray<string>
  readonly answer: Deferred.Deferred<Answer> | null
}

/** The fibers of all sessions. They end with the scope, and the scope waits for their clean-up. */
export const make = Effect.gen(function* () {
  const scope = yield* Effect.acquireRelease(Scope.make(ExecutionStrategy.parallel), (own, exit) =>
    Scope.close(own, exit),
  )
  const all = yield* Ref.make(HashMap.empty<SessionId, RunningSession>())

  /**
   * The fiber begins uninterruptible, so that a session that is ended before its first step ends properly, too.
   * What is provided to the launch the fiber inherits: none of that lies on its stack.
   */
  const launch = <R>(id: SessionId, run: (running: RunningSession) => Effect.Effect<void, never, R>) =>
    Effect.gen(function* () {
      const running: RunningSession = {
        id,
        verdict: yield* Deferred.make<SessionHandle>(),
        fiber: yield* Deferred.make<Fiber.RuntimeFiber<void>>(),
        waiting: yield* Ref.make<Waiting>({ promptIds: [], answer: null }),
      }
      yield* Ref.update(all, HashMap.set(id, running))
      const fiber = yield* Effect.suspend(() => run(running)).pipe(
        Effect.exit,
        Effect.zipRight(Ref.update(all, HashMap.remove(id))),
        Effect.forkIn(scope),
      )
      yield* Deferred.succeed(running.fiber, fiber)
      return running
    }).pipe(Effect.uninterruptible)

  const find = (id: SessionId) => Effect.map(Ref.get(all), HashMap.get(id))

  /** Tells the fiber to end, and doesn't wait for it. */
  const interrupt = (id: SessionId): Effect.Effect<void> =>
    Effect.flatMap(
      find(id),
      Option.match({
        onNone: () => Effect.void,
        onSome: (running) => Effect.flatMap(Deferred.await(running.fiber), Fiber.interruptFork),
      }),
    )

  /** Waits until the session's clean-up is over, too. */
  const awaitEnd = (id: SessionId): Effect.Effect<void> =>
    Effect.flatMap(
      find(id),
      Option.match({
        onNone: () => Effect.void,
        onSome: (running) => Effect.flatMap(Deferred.await(running.fiber), Fiber.await),
      }),
    ).pipe(Effect.asVoid)

  const ids = Effect.map(Ref.get(all), (running) => [...HashMap.keys(running)])

  return { launch, find, interrupt, awaitEnd, ids }
})

export type SessionFibers = Effect.Effect.Success<typeof make>
