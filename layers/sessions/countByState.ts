import { Record } from "effect"
import type { SessionEntry } from "../../src/domain/SessionEntry.ts"
import { edges, type SessionState } from "../../src/domain/SessionState.ts"

export const countByState = (
  entries: ReadonlyArray<SessionEntry>,
): Readonly<Record<SessionState, number>> => {
  const counts: { [State in SessionState]: number } = Record.map(edges, () => 0)
  for (const { session } of entries) counts[session.state] += 1
  return counts
}
