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

export const liesAhead = (entry: StoredOverride, now: DateTime.Utc): boolean =>
  expiryOf(entry) > DateTime.toEpochMillis(now)

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
  /** When the next one expires; milliseconds since 1970, `Infinity` when none does. */
  readonly nextExpiry: number
}

/** Which overrides hold at `now`: those that no tombstone names, wherever it stands, and whose expiry, if any, lies ahead. */
export const activeOverrides = (
  entries: ReadonlyArray<StoredOverride>,
  now: DateTime.Utc,
): OverrideStanding => {
  const { dangling, overrides, revocationsOf } = sortOverrides(entries)
  const active = overrides.filter((entry) => revocationsOf(entry).length === 0 && liesAhead(entry, now))
  return { active, dangling, nextExpiry: Math.min(...active.map(expiryOf), Infinity) }
}
