import { Duration } from "effect"
import type { SyncFailureClass } from "./SyncFailure.ts"

/** Longest pauses before the second, third, … try. The last one stays: a NAS may be away for a weekend. */
const pauses = ["30 seconds", "2 minutes", "8 minutes", "30 minutes", "2 hours"] as const

/** How long the files of a run must have rested when they changed while it was copied. */
const restPause = Duration.seconds(30)

/** How long a target that is away or full is left alone. */
const targetPause = Duration.minutes(1)

/** What becomes of a job after a failure, and of its target. */
export type AfterFailure =
  | { readonly _tag: "TryAgain"; readonly inMillis: number; readonly countsAsAttempt: boolean }
  | { readonly _tag: "PauseTarget"; readonly forMillis: number }
  | { readonly _tag: "GiveUp" }

/**
 * What follows a failure of this class at this attempt, 1 for the first. `chance` in [0, 1) spreads the tries of
 * many jobs over the whole pause.
 */
export const afterFailure = (failure: SyncFailureClass, attempt: number, chance: number): AfterFailure => {
  switch (failure) {
    case "transient": {
      const longest = pauses[Math.min(Math.max(attempt, 1), pauses.length) - 1] ?? pauses[0]
      return {
        _tag: "TryAgain",
        inMillis: Math.floor(Duration.toMillis(longest) * chance),
        countsAsAttempt: true,
      }
    }
    case "source_changed":
      return { _tag: "TryAgain", inMillis: Duration.toMillis(restPause), countsAsAttempt: false }
    case "target_away":
    case "target_full":
      return { _tag: "PauseTarget", forMillis: Duration.toMillis(targetPause) }
    case "permanent":
      return { _tag: "GiveUp" }
  }
}
