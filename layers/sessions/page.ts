import type { SessionFilter, SessionPage } from "../../src/domain/Session.ts"
import type { SessionEntry } from "../../src/domain/SessionEntry.ts"

const defaultLimit = 100
const maxLimit = 1000

/** Callers without types may pass anything. */
const limitOf = (limit: unknown): number =>
  typeof limit === "number" && !Number.isNaN(limit)
    ? Math.min(Math.max(Math.trunc(limit), 1), maxLimit)
    : defaultLimit

/** A cursor is the ordinal of the last session shown: newer sessions don't shift the pages. */
const beforeOrdinal = (cursor: unknown): number =>
  typeof cursor === "string" && /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.POSITIVE_INFINITY

/** Newest first; one page of those that the filter lets through. */
export const pageOf = (entries: ReadonlyArray<SessionEntry>, filter: SessionFilter): SessionPage => {
  const before = beforeOrdinal(filter.cursor)
  const limit = limitOf(filter.limit)
  const matching = entries
    .filter(
      ({ ordinal, session }) =>
        ordinal < before &&
        (filter.state === undefined || session.state === filter.state) &&
        (filter.kind === undefined || session.kind === filter.kind),
    )
    .sort((a, b) => b.ordinal - a.ordinal)
  const page = matching.slice(0, limit)
  const last = page.at(-1)
  return {
    sessions: page.map(({ session }) => session),
    nextCursor: matching.length > limit && last !== undefined ? String(last.ordinal) : null,
  }
}
