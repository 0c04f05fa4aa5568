import { Effect, Layer } from "effect"
import { NasSync } from "../../src/ports/NasSync.ts"

/** For places without a NAS: directories stay `pending`, nothing is copied. */
export const layerNoop: Layer.Layer<NasSync> = Layer.succeed(
  NasSync,
  NasSync.of({ enqueue: () => Effect.void }),
)
