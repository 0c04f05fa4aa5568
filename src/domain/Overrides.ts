import { DateTime, Option } from "effect"
import { parseRunDate } from "./RunDate.ts"
import type { StoredOverride } from "./StoredRecord.ts"

const utc = DateTime.zoneMakeOffset(0)

/** Whether an entry takes back another one. One that only names what it revokes counts, too. */
const isTombstone = (entry: StoredOverride): boolean => entry.revoked || entry.revokes !== ""

/** An expiry that can't be read has passed; one without a zone is UTC. */
export const liesAhead = (expiresAt: unknown, now: DateTime.Utc): boolean => {
  if (expiresAt === undefined || expiresAt === null) return true
  if (typeof expiresAt !== "string") return false
  return Option.exists(parseRunDate(expiresAt, utc), DateTime.greaterThan(now))
}

interface Sorted {
  readonly overrides: ReadonlyArray<StoredOverride>
  /** The tombstones of an override. One without an id can't be revoked until it gets one. */
  readonly revocationsOf: (override: StoredOverride) => ReadonlyArray<StoredOverride>
  /** Tombstones that name no override: they have no effect, and somebody should know. */
  readonly dangling: ReadonlyArray<StoredOverride>
}

/** Tells overrides from what takes them back, each in the order of the file. */
export const sortOverrides = (entries: ReadonlyArray<StoredOverride>): Sorted => {
  const overrides = entries.filter((entry) => !isTombstone(entry))
  const named = new Set(overrides.map(({ id }) => id))
  const isNamed = ({ revokes }: StoredOverride): boolean => revokes !== "" && named.has(revokes)
  const tombstones = entries.filter(isTombstone)
  const byName = new Map<string, Array<StoredOverride>>()
  for (const entry of tombstones.filter(isNamed)) {
    byName.set(entry.revokes, [...(byName.get(entry.revokes) ?? []), entry])
  }
  return {
    overrides,
    revocationsOf: ({ id }) => byName.get(id) ?? [],
    dangling: tombstones.filter((entry) => !isNamed(entry)),
  }
}

export interface OverrideStanding {
  /** Overrides that are in force, in the order of the file. */
  readonly active: ReadonlyArray<StoredOverride>
  readonly dangling: Sorted["dangling"]
}

/** Which overrides hold at `now`: those that no tombstone names, wherever it stands, and whose expiry, if any, lies ahead. */
export const activeOverrides = (
  entries: ReadonlyArray<StoredOverride>,
  now: DateTime.Utc,
): OverrideStanding => {
  const { dangling, overrides, revocationsOf } = sortOverrides(entries)
  const active = overrides.filter(
    (entry) => revocationsOf(entry).length === 0 && liesAhead(entry.expiresAt, now),
  )
  return { active, dangling }
}
