import { readdirSync, readFileSync, statSync } from "node:fs"
import { Array, Option } from "effect"

/**
 * What `proc(5)` says about a process. These aren't files of a disk: they are read directly, take no time,
 * and are gone when their process is.
 */
export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Dead, and not yet collected by its parent. */
  readonly isZombie: boolean
  /** Ticks since the system started: with the id it names a process for ever, since ids are used again. */
  readonly started: number
  readonly threads: number
}

const read = Option.liftThrowable((path: string) => readFileSync(path, "latin1"))

const names = Option.liftThrowable((path: string) => readdirSync(path))

/** The name of the program, in parentheses, may hold anything, more of them too. */
const parseStat = (text: string): Option.Option<ProcessStat> => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const [state, parent, group, session] = fields
  const stat = {
    pid: Number.parseInt(text, 10),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    isZombie: state === "Z" || state === "X",
    started: Number(fields[19]),
    threads: Number(fields[17]),
  }
  return [stat.pid, stat.parent, stat.group, stat.session, stat.started].every(Number.isInteger)
    ? Option.some(stat)
    : Option.none()
}

/** None when there is no such process, or no `/proc`. */
export const statOf = (pid: number): Option.Option<ProcessStat> =>
  Option.flatMap(read(`/proc/${pid}/stat`), parseStat)

/** Every process that can be seen. */
export const allProcesses = (): ReadonlyArray<ProcessStat> =>
  Option.getOrElse(names("/proc"), Array.empty<string>).flatMap((name) =>
    /^\d+$/.test(name) ? Option.toArray(statOf(Number(name))) : [],
  )

/** Threads beyond these aren't asked for the processes that they started. */
const maxThreads = 64

/** The processes that this one started and that haven't been given to another parent; empty where the system can't tell. */
export const childrenOf = (pid: number): ReadonlyArray<number> =>
  Option.getOrElse(names(`/proc/${pid}/task`), Array.empty<string>)
    .slice(0, maxThreads)
    .flatMap((thread) =>
      Option.match(read(`/proc/${pid}/task/${thread}/children`), {
        onNone: () => [],
        onSome: (text) => text.split(" ").map(Number).filter(Boolean),
      }),
    )

/** The most memory that a process has had, in KiB; 0 when it has ended. */
export const peakMemoryKib = (pid: number): number =>
  Option.match(read(`/proc/${pid}/status`), {
    onNone: () => 0,
    onSome: (status) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0),
  })

/** What a process has read and written so far, in bytes, by any way; 0 where the system can't tell. */
export const bytesMoved = (pid: number): number =>
  Option.match(read(`/proc/${pid}/io`), {
    onNone: () => 0,
    onSome: (io) =>
      Number(/^rchar: (\d+)$/m.exec(io)?.[1] ?? 0) + Number(/^wchar: (\d+)$/m.exec(io)?.[1] ?? 0),
  })

/** Whether a process was started with this in its environment. */
export const wasGiven = (pid: number, variable: string, value: string): boolean =>
  Option.exists(read(`/proc/${pid}/environ`), (environment) =>
    environment.split("\0").includes(`${variable}=${value}`),
  )

const ownerOf = Option.liftThrowable((pid: number) => statSync(`/proc/${pid}`).uid)

/** Threads of all processes of a user. */
export const threadsOfUser = (uid: number): number =>
  allProcesses()
    .filter(({ pid }) => Option.contains(ownerOf(pid), uid))
    .reduce((sum, { threads }) => sum + threads, 0)

/** The limits of this process, as a table; empty where the system doesn't tell. */
export const ownLimits = (): string => Option.getOrElse(read("/proc/self/limits"), () => "")
