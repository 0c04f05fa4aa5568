import { Context, Effect, Layer, Option, Ref } from "effect"
import type { SessionId } from "../../src/domain/Session.ts"
import type { Ending, Transition } from "../../src/domain/SessionEntry.ts"
import { SessionStore } from "../../src/ports/SessionStore.ts"

/** A call that changes a session, at the moment before or after it does. */
export type Call =
  | { readonly name: "transition"; readonly id: SessionId; readonly change: Transition }
  | { readonly name: "markEnding"; readonly id: SessionId; readonly ending: Ending }

export interface Hook<R = never> {
  readonly when: "before" | "after"
  readonly matches: (call: Call) => boolean
  readonly run: (call: Call) => Effect.Effect<unknown, never, R>
}

/** Lets a test do something at exactly one moment: the other half of a race. */
export class Hooks extends Context.Tag("test/Hooks")<
  Hooks,
  {
    /** The hook runs once, at the first call that matches. */
    readonly once: <R>(hook: Hook<R>) => Effect.Effect<void, never, R>
  }
>() {}

/** A session store whose changes can be met by hooks. */
export const layer: Layer.Layer<Hooks | SessionStore, never, SessionStore> = Layer.effectContext(
  Effect.gen(function* () {
    const store = yield* SessionStore
    const hooks = yield* Ref.make<ReadonlyArray<Hook>>([])

    const meet = (when: Hook["when"], call: Call) =>
      Effect.flatMap(
        Ref.modify(hooks, (all) => {
          const found = all.find((hook) => hook.when === when && hook.matches(call))
          return [
            Option.fromNullable(found),
            found === undefined ? all : all.filter((hook) => hook !== found),
          ]
        }),
        Option.match({ onNone: () => Effect.void, onSome: (hook) => hook.run(call) }),
      )

    const around = <A, E>(call: Call, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      meet("before", call).pipe(Effect.zipRight(effect), Effect.zipLeft(meet("after", call)))

    const once = <R>({ matches, run, when }: Hook<R>) =>
      Effect.contextWithEffect((context: Context.Context<R>) => {
        const hook: Hook = { when, matches, run: (call) => Effect.provide(run(call), context) }
        return Ref.update(hooks, (all) => [...all, hook])
      })

    return Context.make(Hooks, Hooks.of({ once })).pipe(
      Context.add(
        SessionStore,
        SessionStore.of({
          ...store,
          transition: (id, change) =>
            around({ name: "transition", id, change }, store.transition(id, change)),
          markEnding: (id, ending, idleSince) =>
            around({ name: "markEnding", id, ending }, store.markEnding(id, ending, idleSince)),
        }),
      ),
    )
  }),
)
