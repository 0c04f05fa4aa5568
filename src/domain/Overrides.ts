import { DateTime, Option } from "effect"
import { parseRunDate } from "./RunDate.ts"
import type { StoredOverride } from "./StoredRecord.ts"

const utc = DateTime.zoneMakeOffset(0)

/** Whether an entry takes back another one. One that only names what it revokes counts, too. */
const isTombstone = (entry: StoredOverride): boolean => entry.revoked || entry.revokes !== ""

/** An expiry that can't be read has passed; one without a zone is UTC. */
const liesAhead = (expiresAt: unknown, now: DateTime.Utc): boolean => {
  if (expiresAt === undefined || expiresAt === null) return true
  if (typeof expiresAt !== "string") return false
  return Option.exists(parseRunDate(expiresAt, utc), DateTime.greaterThan(now))
}

export interface OverrideStanding {
  /** Overrides that are in force, in the order of the file. */
  readonly active: ReadonlyArray<StoredOverride>
  /** Tombstones that name no override: they have no effect, and somebody should know. */
  readonly dangling: ReadonlyArray<StoredOverride>
}

/**
 * Which overrides hold at `now`: those that no tombstone names, wherever it stands, and whose expiry, if
 * any, lies ahead. An override without an id can't be revoked until it gets one.
 */
export const activeOverrides = (
  entries: ReadonlyArray<StoredOverride>,
  now: DateTime.Utc,
): OverrideStanding => {
  const tombstones = entries.filter(isTombstone)
  const overrides = entries.filter((entry) => !isTombstone(entry))
  const revoked = new Set(tombstones.map((entry) => entry.revokes))
  const named = new Set(overrides.map((entry) => entry.id))
  return {
    active: overrides.filter(
      (entry) => (entry.id === "" || !revoked.has(entry.id)) && liesAhead(entry.expiresAt, now),
    ),
    dangling: tombstones.filter((entry) => entry.revokes === "" || !named.has(entry.revokes)),
  }
}
