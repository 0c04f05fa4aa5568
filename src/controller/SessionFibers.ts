import {
  Deferred,
  Effect,
  ExecutionStrategy,
  Fiber,
  MutableHashMap,
  Option,
  Ref,
  Scope,
  type Tracer,
} from "effect"
import type { Answer } from "../domain/Plugin.ts"
import type { SessionHandle, SessionId } from "../domain/Session.ts"

/** What is alive of a session in this process, while it is. None of it is in the store. */
export interface RunningSession {
  readonly fiber: Fiber.RuntimeFiber<void>
  readonly contact: Ref.Ref<Contact>
}

/** Who waits for whom: first whoever opened the session waits for it, later it waits for a person. */
export type Contact = Opening | Opened

export interface Opening {
  readonly _tag: "Opening"
  /** The handle that `create` returns: the gate's verdict, or how the session ended before it. */
  readonly verdict: Deferred.Deferred<SessionHandle>
  readonly caller: Option.Option<Tracer.AnySpan>
}

/** What a person answered, and the span of the call that brought it. */
export interface Reply {
  readonly answer: Answer
  readonly caller: Option.Option<Tracer.AnySpan>
}

/** The prompts that there were, and what wakes the session that waits for an answer to the last one. */
export interface Opened {
  readonly _tag: "Opened"
  readonly promptIds: ReadonlyArray<string>
  readonly reply: Deferred.Deferred<Reply> | null
}

/** Tells whoever opened the session what came of it; once, later nobody waits for that. */
export const deliver = (contact: Ref.Ref<Contact>, handle: SessionHandle): Effect.Effect<void> =>
  Effect.flatMap(
    Ref.getAndUpdate(contact, (before): Contact =>
      before._tag === "Opening" ? { _tag: "Opened", promptIds: [], reply: null } : before,
    ),
    (before) => (before._tag === "Opening" ? Deferred.succeed(before.verdict, handle) : Effect.void),
  )

/** The span of the call that opened the session. */
export const callerOf = (contact: Ref.Ref<Contact>): Effect.Effect<Option.Option<Tracer.AnySpan>> =>
  Effect.map(Ref.get(contact), (known) => (known._tag === "Opening" ? known.caller : Option.none()))

/** The fibers of all sessions. They end with the scope, and the scope waits for their clean-up. */
export const make = Effect.gen(function* () {
  const scope = yield* Effect.acquireRelease(Scope.make(ExecutionStrategy.parallel), (own, exit) =>
    Scope.close(own, exit),
  )
  const all = MutableHashMap.empty<SessionId, RunningSession>()

  /**
   * The fiber begins uninterruptible, so that a session that is ended before its first step ends properly, too.
   * What is provided to the launch the fiber inherits: none of that lies on its stack.
   */
  const launch = <R>(id: SessionId, contact: Ref.Ref<Contact>, session: Effect.Effect<void, never, R>) =>
    Effect.forkIn(session, scope).pipe(
      Effect.map((fiber) => {
        MutableHashMap.set(all, id, { fiber, contact })
        fiber.addObserver(() => MutableHashMap.remove(all, id))
      }),
      Effect.uninterruptible,
    )

  const find = (id: SessionId) => Effect.sync(() => MutableHashMap.get(all, id))

  const withFiber = (id: SessionId, use: (fiber: Fiber.RuntimeFiber<void>) => Effect.Effect<unknown>) =>
    Effect.flatMap(
      find(id),
      Option.match({ onNone: () => Effect.void, onSome: ({ fiber }) => Effect.asVoid(use(fiber)) }),
    )

  /** Tells the fiber to end, and doesn't wait for it. */
  const interrupt = (id: SessionId): Effect.Effect<void> => withFiber(id, Fiber.interruptFork)

  /** Waits until the session's clean-up is over, too. */
  const awaitEnd = (id: SessionId): Effect.Effect<void> => withFiber(id, Fiber.await)

  const ids = Effect.sync(() => [...MutableHashMap.keys(all)])

  return { launch, find, interrupt, awaitEnd, ids }
})

export type SessionFibers = Effect.Effect.Success<typeof make>
