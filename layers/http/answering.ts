import { HttpServerResponse } from "@effect/platform"
import { Effect, Ref, type Schema } from "effect"
import { ShuttingDown } from "../../src/domain/Errors.ts"
import { Draining } from "./Draining.ts"
import { type Coded, envelopeResponse } from "./envelopes.ts"
import { TraceId } from "./TraceId.ts"

/** What changes something is refused while the service goes down. */
const unlessClosing = <A, E, R>(
  work: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | ShuttingDown, R | Draining> =>
  Effect.flatMap(Draining, ({ isClosing }) =>
    Effect.filterOrFail(
      Ref.get(isClosing),
      (closing) => !closing,
      () => new ShuttingDown(),
    ),
  ).pipe(Effect.zipRight(work))

/** The whole response of work whose refusals may have any code. */
export const answeredAs = <A, I>(
  schema: Schema.Schema<A, I>,
  options?: (value: A) => HttpServerResponse.Options.WithContent,
) => {
  const respond = HttpServerResponse.schemaJson(schema)
  return <E extends Coded, R>(work: Effect.Effect<A, E, R>) =>
    Effect.matchEffect(unlessClosing(work), {
      onSuccess: (value) => Effect.orDie(respond(value, options?.(value))),
      onFailure: (error) => Effect.map(TraceId, (traceId) => envelopeResponse(error, traceId)),
    })
}
