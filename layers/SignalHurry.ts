import { Deferred, Effect, Layer } from "effect"
import { Hurry } from "../src/controller/Hurry.ts"

const signals = ["SIGINT", "SIGTERM"] as const

/** The first signal is for whoever runs the service; the second is heard here, the third ends any process. */
const listen = (told: Deferred.Deferred<void>) => {
  let count = 0
  const stop = (): void => signals.forEach((signal) => void process.off(signal, hear))
  const hear = (): void => {
    count += 1
    if (count < 2) return
    stop()
    Deferred.unsafeDone(told, Effect.void)
  }
  for (const signal of signals) process.on(signal, hear)
  return stop
}

const heard = Effect.acquireRelease(
  Effect.map(Deferred.make<void>(), (told) => ({ told, stop: listen(told) })),
  ({ stop }) => Effect.sync(stop),
)

/** With a second `SIGINT` or `SIGTERM` nobody waits any longer. */
export const layer: Layer.Layer<never> = Layer.scoped(
  Hurry,
  Effect.map(heard, ({ told }) => Deferred.await(told)),
)
