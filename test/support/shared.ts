import { afterAll, beforeAll } from "@effect/vitest"
import { Effect, Exit, Option, Scope } from "effect"

/** Something that is expensive to make, such as a server, for all tests of a block: made before, gone after them. */
export const shared = <A>(make: Effect.Effect<A, never, Scope.Scope>): Effect.Effect<A> => {
  const scope = Effect.runSync(Scope.make())
  let made: Option.Option<A> = Option.none()
  beforeAll(async () => {
    made = Option.some(await Effect.runPromise(Scope.extend(make, scope)))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return Effect.suspend(() =>
    Option.match(made, { onNone: () => Effect.dieMessage("it isn't made yet"), onSome: Effect.succeed }),
  )
}
