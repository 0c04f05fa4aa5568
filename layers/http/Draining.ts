import { Context, Deferred, Effect, Layer, Ref, Stream, SubscriptionRef } from "effect"

/** That the service is going down, and the streams that have to end before it can. */
export class Draining extends Context.Tag("exlab-wizard/Draining")<
  Draining,
  {
    /** Done when open streams are to end. */
    readonly streamsEnd: Deferred.Deferred<void>
    readonly openStreams: SubscriptionRef.SubscriptionRef<number>
    /** Whether no work is taken any more. */
    readonly isClosing: Ref.Ref<boolean>
  }
>() {
  static readonly layer = Layer.effect(
    Draining,
    Effect.all({
      streamsEnd: Deferred.make<void>(),
      openStreams: SubscriptionRef.make(0),
      isClosing: Ref.make(false),
    }),
  )
}

/** Ends the streams, and waits until they have; a second at most. */
export const endStreams = ({ openStreams, streamsEnd }: Draining["Type"]): Effect.Effect<void> =>
  Deferred.succeed(streamsEnd, undefined).pipe(
    Effect.zipRight(Stream.runDrain(Stream.takeUntil(openStreams.changes, (open) => open === 0))),
    Effect.interruptible,
    Effect.timeoutOption("1 second"),
    Effect.asVoid,
  )
