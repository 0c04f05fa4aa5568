import { Effect, Option } from "effect"
import { type Child, signalGroup } from "./Child.ts"
import { type Family, kinAmong } from "./kinship.ts"
import { allProcesses, childrenOf, peakMemoryKib, type ProcessStat, statOf, wasGiven } from "./procfs.ts"

/** The variable by which a worker's processes are known. */
export const markVariable = "EXLAB_WORKER"

/** A worker's process with all that it starts. Where there is no `/proc`, only its group is known. */
export interface Kin {
  /** Looks at those that live now: who they are, and how much memory they have had. */
  readonly sample: Effect.Effect<void>
  /** The most that they have had together, in MiB, as far as samples show. */
  readonly peakMemoryMb: Effect.Effect<number>
  /** Kills them all and returns when none is left. For when the leader has ended. */
  readonly killAll: Effect.Effect<void>
}

/** Processes beyond these aren't looked at. */
const maxProcesses = 512

const sumOf = (numbers: ReadonlyArray<number>): number => numbers.reduce((sum, one) => sum + one, 0)

/** Those that live of the seen ones, with their descendants; notes those that are new. */
const lookAt = (seen: Map<number, number>): ReadonlyArray<number> => {
  const waiting = [...seen.keys()]
  const alive = new Set<number>()
  for (let pid = waiting.shift(); pid !== undefined && alive.size < maxProcesses; pid = waiting.shift()) {
    const stat = statOf(pid)
    if (alive.has(pid) || Option.isNone(stat)) continue
    const { isZombie, started } = stat.value
    if ((seen.get(pid) ?? started) !== started) continue
    seen.set(pid, started)
    if (isZombie) continue
    alive.add(pid)
    waiting.push(...childrenOf(pid))
  }
  return [...alive]
}

const left = (family: Family): ReadonlyArray<ProcessStat> =>
  kinAmong(family, allProcesses()).filter(({ isZombie, pid }) => !isZombie && pid !== process.pid)

/** Whole groups first: their members can't start others meanwhile. */
const kill = (some: ReadonlyArray<ProcessStat>): Effect.Effect<void> =>
  Effect.forEach(new Set(some.map(({ group }) => group)), (group) => signalGroup(group, "SIGKILL"), {
    discard: true,
  })

/** Of a process that has just been started. */
export const make = ({ pid: leader, stat }: Child, mark: string): Effect.Effect<Kin> =>
  Effect.sync(() => {
    if (Option.isNone(stat)) {
      return {
        sample: Effect.void,
        peakMemoryMb: Effect.succeed(0),
        killAll: signalGroup(leader, "SIGKILL"),
      }
    }
    const seen = new Map([[leader, stat.value.started]])
    const family = {
      leader: stat.value,
      seen,
      isMarked: (pid: number) => wasGiven(pid, markVariable, mark),
    }
    let peakKib = 0
    const killAll: Effect.Effect<void> = Effect.suspend(() => {
      const some = left(family)
      if (some.length === 0) return Effect.void
      return Effect.zipRight(kill(some), Effect.delay(killAll, "5 millis"))
    })
    return {
      sample: Effect.sync(() => {
        peakKib = Math.max(peakKib, sumOf(lookAt(seen).map(peakMemoryKib)))
      }),
      peakMemoryMb: Effect.sync(() => Math.ceil(peakKib / 1024)),
      killAll,
    }
  })
