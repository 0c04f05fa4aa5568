import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { Either } from "effect"

const told = (read: () => string): string => Either.getOrElse(Either.try(read), () => "")

/** Of a process: how it was called, its variables, where it is. Nothing of one that has ended. */
const factsOf = (pid: number): string =>
  [
    told(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")),
    told(() => readFileSync(`/proc/${pid}/environ`, "utf8")),
    told(() => readlinkSync(`/proc/${pid}/cwd`)),
  ].join("\n")

/**
 * Processes of the machine, other than these, that have something to do with a path: as an argument, in their
 * environment, or as their working directory. Linux only.
 */
export const processesAround = (path: string, except: ReadonlyArray<number>): ReadonlyArray<number> =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && !except.includes(pid) && factsOf(pid).includes(path))
