import { Effect } from "effect"

/** Looks every ten milliseconds; nothing that is measured waits for it. */
export const until = (holds: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (holds() ? Effect.void : Effect.zipRight(Effect.sleep("10 millis"), until(holds))))
