import type { PluginManifest } from "../../../src/domain/PluginManifest.ts"

type Runtime = PluginManifest["runtime"]

const mib = 1024 * 1024

/**
 * What a Node process needs before it has done anything, in MiB: mostly stacks of threads, which count in full
 * as soon as they are reserved. With less it hangs at its start.
 */
const nodeBaseMb = 96

/** The least that a worker gets, in MiB, whatever its manifest says. */
const leastMemoryMb: Readonly<Record<Runtime, number>> = { node: nodeBaseMb + 32, command: 64 }

/** What one process may use. */
export interface ProcessLimits {
  readonly runtime: Runtime
  readonly memoryMb: number
  readonly cpuSeconds: number
  /** Threads and processes of the user, those that run already included. */
  readonly threads: number
}

/** What a file may become, in bytes. The free space of the volume is watched besides. */
const maxFileBytes = 1024 * mib
const maxOpenFiles = 256

const memoryOf = ({ memoryMb, runtime }: ProcessLimits): number => Math.max(memoryMb, leastMemoryMb[runtime])

/** Resources by prlimit's names, and what they may be at most: limits only go down. Absent: unlimited. */
export type Ceilings = Readonly<Partial<Record<"data" | "cpu" | "nofile" | "fsize" | "nproc", number>>>

/** How `/proc/self/limits` calls them. */
const labels: Readonly<Record<keyof Ceilings, string>> = {
  data: "Max data size",
  cpu: "Max cpu time",
  nofile: "Max open files",
  fsize: "Max file size",
  nproc: "Max processes",
}

/** The hard limits in a text of `/proc/self/limits`. */
export const parseCeilings = (text: string): Ceilings =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, label]) => {
      const hard = text
        .split("\n")
        .find((line) => line.startsWith(label))
        ?.slice(label.length)
        .trim()
        .split(/\s+/)[1]
      return hard !== undefined && /^\d+$/.test(hard) ? [[name, Number(hard)]] : []
    }),
  )

/** `prlimit(1)` in front of a command. Past its CPU time a process gets SIGXCPU, a second later SIGKILL. */
export const limitArguments = (
  prlimit: string,
  limits: ProcessLimits,
  ceilings: Ceilings,
): ReadonlyArray<string> => {
  const limit = (name: keyof Ceilings, soft: number, hard = soft) => {
    const ceiling = ceilings[name] ?? Infinity
    return `--${name}=${Math.min(soft, ceiling)}:${Math.min(hard, ceiling)}`
  }
  const seconds = Math.ceil(limits.cpuSeconds)
  return [
    prlimit,
    limit("data", memoryOf(limits) * mib),
    limit("cpu", seconds, seconds + 1),
    limit("nofile", maxOpenFiles),
    limit("fsize", maxFileBytes),
    limit("nproc", limits.threads),
    "--core=0",
  ]
}

/** V8 must know how far it may grow: it collects its garbage before it meets the limit. */
export const heapArguments = (limits: ProcessLimits): ReadonlyArray<string> => [
  `--max-old-space-size=${memoryOf(limits) - nodeBaseMb}`,
]
