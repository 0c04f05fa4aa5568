import { Data, Duration } from "effect"
import type { CleanupSettings } from "../../../src/domain/SyncSettings.ts"
import type { Condition, Unmet } from "./Proof.ts"

/** What is to be done about a verified job that can't be cleaned up. */
export type Next = Data.TaggedEnum<{
  /** Milliseconds since 1970. */
  Wait: { readonly until: number; readonly reason: string }
  VerifyAgain: { readonly reason: string }
  /** The run isn't what is on the target. */
  QueueAgain: { readonly reason: string }
}>
export const Next = Data.taggedEnum<Next>()

const hour = Duration.toMillis("1 hour")

/** So far apart that a second pass reads the target's disks, not its memory. */
const betweenPasses = hour

const lookAgainIn = { target: hour / 6, special: 24 * hour, forGood: 24 * 365 * hour } as const

/** By the condition that weighs most; all of them are told. */
export const nextAfter = (
  unmet: ReadonlyArray<Unmet>,
  lastVerified: number | null,
  settings: CleanupSettings,
  now: number,
): Next => {
  const reason = unmet.map(({ message }) => message).join("; ")
  const lacks = (...conditions: ReadonlyArray<Condition>): boolean =>
    unmet.some(({ condition }) => conditions.includes(condition))
  if (lacks("level", "enabled", "state")) return Next.Wait({ until: now + lookAgainIn.forGood, reason })
  if (lacks("unchanged")) return Next.QueueAgain({ reason })
  if (lacks("special")) return Next.Wait({ until: now + lookAgainIn.special, reason })
  if (lacks("target")) return Next.Wait({ until: now + lookAgainIn.target, reason })
  const last = lastVerified ?? -Infinity
  if (lacks("verified", "overrides")) {
    return now - last < betweenPasses
      ? Next.Wait({ until: last + betweenPasses, reason })
      : Next.VerifyAgain({ reason })
  }
  return Next.Wait({ until: last + Duration.toMillis(Duration.hours(settings.minAgeHours)), reason })
}
