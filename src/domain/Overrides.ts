import { DateTime, Option } from "effect"
import { parseRunDate } from "./RunDate.ts"
import type { StoredOverride } from "./StoredRecord.ts"

const utc = DateTime.zoneMakeOffset(0)

/** Whether an entry takes back another one. One that only names what it revokes counts, too. */
const isTombstone = (entry: StoredOverride): boolean => entry.revoked || entry.revokes !== ""

/** Milliseconds since 1970. One that can't be read has passed; one without a zone is UTC. */
const expiryOf = ({ expiresAt }: StoredOverride): number => {
  if (expiresAt === undefined || expiresAt === null) return Infinity
  if (typeof expiresAt !== "string") return -Infinity
  return Option.match(parseRunDate(expiresAt, utc), {
    onNone: () => -Infinity,
    onSome: DateTime.toEpochMillis,
  })
}

export interface OverrideStanding {
  /** Overrides that are in force, in the order of the file. */
  readonly active: ReadonlyArray<StoredOverride>
  /** Tombstones that name no override: they have no effect, and somebody should know. */
  readonly dangling: ReadonlyArray<StoredOverride>
  /** When the next one expires; milliseconds since 1970, `Infinity` when none does. */
  readonly nextExpiry: number
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
  const active = overrides.filter(
    (entry) => (entry.id === "" || !revoked.has(entry.id)) && expiryOf(entry) > DateTime.toEpochMillis(now),
  )
  return {
    active,
    nextExpiry: Math.min(...active.map(expiryOf), Infinity),
    dangling: tombstones.filter((entry) => entry.revokes === "" || !named.has(entry.revokes)),
  }
}
