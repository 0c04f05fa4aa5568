import { type DateTime, Schema } from "effect"
import { liesAhead, sortOverrides } from "./Overrides.ts"
import type { StoredOverride } from "./StoredRecord.ts"
import { wireStruct } from "./wire.ts"

const who = {
  /** Empty when the entry has none. */
  id: Schema.String,
  operator: Schema.String,
  /** As it stands there. */
  recordedAt: Schema.String,
  reason: Schema.String,
}

/** What took an override back. */
export const RevocationEntry = wireStruct({ ...who, revokes: Schema.String })
export type RevocationEntry = typeof RevocationEntry.Type

export const OverrideEntry = wireStruct({
  ...who,
  /** The rule that it overrules. */
  problemClass: Schema.String,
  /** As it stands there; null when it doesn't end by itself. */
  expiresAt: Schema.NullOr(Schema.String),
  state: Schema.Literal("active", "expired", "revoked"),
  /** In the order of the file: one, unless two people had the same thought. */
  revocations: Schema.Array(RevocationEntry),
})
export type OverrideEntry = typeof OverrideEntry.Type

/** All that was ever decided about a directory's findings, as its `creation.json` has it. */
export const OverrideHistory = wireStruct({
  /** In the order of the file. */
  overrides: Schema.Array(OverrideEntry),
  /** Revocations that name no override: they have no effect. */
  dangling: Schema.Array(RevocationEntry),
})
export type OverrideHistory = typeof OverrideHistory.Type

const whoOf = ({ id, operator, reason, recordedAt }: StoredOverride) => ({ id, operator, recordedAt, reason })

const revocationOf = (entry: StoredOverride): RevocationEntry => ({ ...whoOf(entry), revokes: entry.revokes })

const textOf = (expiresAt: unknown): string | null => {
  if (expiresAt === undefined || expiresAt === null) return null
  return typeof expiresAt === "string" ? expiresAt : JSON.stringify(expiresAt)
}

/** Who overruled what, when, why, and whether it holds at `now`. */
export const overrideHistory = (
  entries: ReadonlyArray<StoredOverride>,
  now: DateTime.Utc,
): OverrideHistory => {
  const { dangling, overrides, revocationsOf } = sortOverrides(entries)
  return {
    overrides: overrides.map((entry): OverrideEntry => {
      const revocations = revocationsOf(entry).map(revocationOf)
      const unrevoked = liesAhead(entry, now) ? "active" : "expired"
      return {
        ...whoOf(entry),
        problemClass: entry.problemClass,
        expiresAt: textOf(entry.expiresAt),
        state: revocations.length > 0 ? "revoked" : unrevoked,
        revocations,
      }
    }),
    dangling: dangling.map(revocationOf),
  }
}
