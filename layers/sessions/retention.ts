import { DateTime } from "effect"
import type { Session } from "../../src/domain/Session.ts"
import type { SessionEntry } from "../../src/domain/SessionEntry.ts"

/** Ended sessions that ended before `cutoff`, and the oldest ones beyond `atMost`. */
export const terminalsToForget = (
  entries: ReadonlyArray<SessionEntry>,
  cutoff: DateTime.Utc,
  atMost: number,
): ReadonlyArray<Session> => {
  const ended = entries
    .flatMap(({ endedAt, ordinal, session }) =>
      endedAt === null ? [] : [{ at: DateTime.toEpochMillis(endedAt), ordinal, session }],
    )
    .sort((a, b) => b.at - a.at || b.ordinal - a.ordinal)
  const limit = DateTime.toEpochMillis(cutoff)
  return ended.filter(({ at }, index) => at < limit || index >= atMost).map(({ session }) => session)
}
