import { Context, Deferred, Effect, Layer, Ref } from "effect"

/** That the service is going down, and the streams that have to end before it can. */
export class Draining extends Context.Tag("exlab-wizard/Draining")<
  Draining,
  {
    /** Done when open streams are to end. */
    readonly streamsEnd: Deferred.Deferred<void>
    /** Whether no work is taken any more. */
    readonly isClosing: Ref.Ref<boolean>
  }
>() {
  static readonly layer = Layer.effect(
    Draining,
    Effect.all({ streamsEnd: Deferred.make<void>(), isClosing: Ref.make(false) }),
  )
}
