import { Data, Effect, Predicate, Schema } from "effect"
import { dual } from "effect/Function"
import type { NoInfer } from "effect/Types"
import { SessionId } from "../domain/Session.ts"

/** The service wasn't to be reached for so long that the stream of events was given up. */
export class EventsLost extends Schema.TaggedError<EventsLost>()("EventsLost", {
  sessionId: SessionId,
  /** The last event that was seen: where to go on. */
  after: Schema.Int,
  reason: Schema.String,
}) {
  override get message(): string {
    return `events of session ${this.sessionId} after ${this.after} were given up: ${this.reason}`
  }
}

/** The same of the list of problems. */
export class ProblemsLost extends Schema.TaggedError<ProblemsLost>()("ProblemsLost", {
  reason: Schema.String,
}) {
  override get message(): string {
    return `the list of problems was given up: ${this.reason}`
  }
}

/** A token that no header can hold. It is said nowhere what it is. */
export class TokenInvalid extends Data.TaggedError("TokenInvalid") {
  override get message(): string {
    return "the token must be one word of ASCII characters, without spaces or line breaks"
  }
}

/** One connection came to an early end: the next one goes on from there. */
export class ConnectionBroken extends Data.TaggedError("ConnectionBroken")<{ readonly reason: string }> {}

type CodeOf<E> = E extends { readonly code: infer Code extends string } ? Code : never

type WithCode<E, Code> = E extends { readonly code: infer Codes }
  ? Code extends Codes
    ? Omit<E, "code"> & { readonly code: Code }
    : never
  : never

/** An answer's error lists all the codes of its status: the others stay. */
type WithoutCode<E, Code> = E extends { readonly code: infer Codes }
  ? [Exclude<Codes, Code>] extends [never]
    ? never
    : Omit<E, "code"> & { readonly code: Exclude<Codes, Code> }
  : E

const hasCode = <E, Code extends string>(error: E, code: Code): error is E & WithCode<E, Code> =>
  Predicate.hasProperty(error, "code") && error.code === code

const hasOtherCode = <E, Code extends string>(error: E, code: Code): error is E & WithoutCode<E, Code> =>
  !hasCode(error, code)

/** Goes on after an error with this code; `docs/errors.md` says what each means. */
export const catchCode: {
  <E, const Code extends CodeOf<E>, A2, E2, R2>(
    code: Code,
    handle: (error: WithCode<NoInfer<E>, Code>) => Effect.Effect<A2, E2, R2>,
  ): <A, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | A2, WithoutCode<E, Code> | E2, R | R2>
  <A, E, R, const Code extends CodeOf<E>, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    code: Code,
    handle: (error: WithCode<E, Code>) => Effect.Effect<A2, E2, R2>,
  ): Effect.Effect<A | A2, WithoutCode<E, Code> | E2, R | R2>
} = dual(
  3,
  <A, E, R, const Code extends CodeOf<E>, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    code: Code,
    handle: (error: WithCode<E, Code>) => Effect.Effect<A2, E2, R2>,
  ): Effect.Effect<A | A2, WithoutCode<E, Code> | E2, R | R2> =>
    Effect.catchAll(self, (error): Effect.Effect<A2, WithoutCode<E, Code> | E2, R2> => {
      if (hasCode(error, code)) return handle(error)
      return hasOtherCode(error, code) ? Effect.fail(error) : Effect.die(error)
    }),
)
