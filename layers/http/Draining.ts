import { Context, Effect, Layer, Ref, Stream, SubscriptionRef } from "effect"

/** That the service is going down, and how many streams have to end before it can. */
export class Draining extends Context.Tag("exlab-wizard/Draining")<
  Draining,
  {
    readonly openStreams: SubscriptionRef.SubscriptionRef<number>
    /** Whether no work is taken any more. */
    readonly isClosing: Ref.Ref<boolean>
  }
>() {
  static readonly layer = Layer.effect(
    Draining,
    Effect.all({
      openStreams: SubscriptionRef.make(0),
      isClosing: Ref.make(false),
    }),
  )
}

/** Streams end with their sessions: this waits until all have; a second at most. */
export const endStreams = ({ openStreams }: Draining["Type"]): Effect.Effect<void> =>
  Stream.runDrain(Stream.takeUntil(openStreams.changes, (open) => open === 0)).pipe(
    Effect.interruptible,
    Effect.timeoutOption("1 second"),
    Effect.asVoid,
  )
