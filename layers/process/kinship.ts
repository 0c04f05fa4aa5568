import type { ProcessStat } from "./procfs.ts"

/** What is known of a worker and its descendants. */
export interface Family {
  /** The process that was started, leader of a session of its own. */
  readonly leader: ProcessStat
  /** When those that were seen started, by id. */
  readonly seen: ReadonlyMap<number, number>
  /** Whether a process carries the worker's mark. Asked only of those that are younger than the leader. */
  readonly isMarked: (pid: number) => boolean
}

/**
 * The leader's id was given to somebody else: the kernel does that only when nobody is left in its group
 * and its session, so these say nothing any more.
 */
const isLeaderReplaced = ({ leader }: Family, all: ReadonlyArray<ProcessStat>): boolean =>
  all.some(({ pid, started }) => pid === leader.pid && started !== leader.started)

/** Those of whom it is known without looking at their relations. */
const rootsAmong = (family: Family, all: ReadonlyArray<ProcessStat>): ReadonlyArray<ProcessStat> => {
  const { isMarked, leader, seen } = family
  const isReplaced = isLeaderReplaced(family, all)
  return all.filter(
    ({ group, pid, session, started }) =>
      seen.get(pid) === started ||
      (!isReplaced && (group === leader.pid || session === leader.pid)) ||
      (started >= leader.started && isMarked(pid)),
  )
}

/**
 * All that belong to a worker: those that were seen, those in its group or session, those that carry its mark,
 * their descendants, and whoever shares a session with one of them: sessions have one founder. A process of
 * the same id that started at another time is a stranger.
 */
export const kinAmong = (family: Family, all: ReadonlyArray<ProcessStat>): ReadonlyArray<ProcessStat> => {
  const kin = new Map(rootsAmong(family, all).map((one) => [one.pid, one]))
  for (let before = -1; before < kin.size;) {
    before = kin.size
    const sessions = new Set([...kin.values()].map(({ session }) => session))
    for (const one of all) {
      if (kin.has(one.parent) || sessions.has(one.session)) kin.set(one.pid, one)
    }
  }
  return [...kin.values()]
}
