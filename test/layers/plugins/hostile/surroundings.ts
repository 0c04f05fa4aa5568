import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { Effect } from "effect"
import { processesAround } from "../../../support/leftProcesses.ts"
import type { Harm } from "./attacks.ts"
import type { Network } from "./network.ts"
import type { Reply } from "./Reply.ts"
import { treeOf } from "./treeOf.ts"

/** Somebody else's process, with the mark of the test. */
export interface Victim {
  readonly child: ChildProcess
  readonly pid: number
}

export const startVictim = (root: string): Victim => {
  const child = spawn("/bin/sh", ["-c", `sleep 600; : ${root}`], { stdio: "ignore" })
  return { child, pid: child.pid ?? 0 }
}

export const isAlive = ({ child }: Victim): boolean => child.exitCode === null && child.signalCode === null

/** A file in the machine's folder for temporary files, which no test but this makes. */
export const temporaryOf = (root: string): string => join("/tmp", `${basename(root)}-from-a-plugin`)

const firstUser = readFileSync("/etc/passwd", "utf8").split("\n")[0] ?? ""

/** What attackers add to code. */
const addition = /\n(?:#|\/\/) here\n/

/** Takes back what plugins did to code below a folder; says whether they did. */
const mendCode = (folder: string): boolean => {
  const changed = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(plugin|attack)\./.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => addition.test(readFileSync(path, "utf8")))
  for (const path of changed) writeFileSync(path, readFileSync(path, "utf8").split(addition).join(""))
  return changed.length > 0
}

export interface Surroundings {
  readonly root: string
  readonly secret: string
  readonly destination: string
  /** Folders of the plugins that are to run. */
  readonly plugins: ReadonlyArray<string>
}

const outside = ({ plugins, root }: Surroundings): ReadonlyArray<string> => [
  join(root, "secret"),
  join(root, "outside"),
  ...plugins,
]

/** Everything that plugins have nothing to do with. */
const look = (around: Surroundings): string => {
  const listing = readdirSync(around.root).sort().join()
  return JSON.stringify([listing, ...outside(around).map((path) => [...treeOf(path)])])
}

/** Memory that a pass may cost the service itself, in MiB, whatever plugins say and leave. */
const mostGrowthMb = 250

const when = (is: boolean, harm: Harm): ReadonlyArray<Harm> => (is ? [harm] : [])

/**
 * Looks around now, and again when the effect that it gives back is run: what has come of it all. What is
 * left it clears away.
 */
export const watching = (around: Surroundings, network: Network, victim: Victim) => {
  const { destination, root, secret } = around
  const before = look(around)
  const temporary = temporaryOf(root)
  const copies = join(root, "copies")
  return (reply: Reply | null, service: number): Effect.Effect<ReadonlyArray<Harm>> =>
    Effect.map(network.taken, (calls) => {
      const left = processesAround(root, [service, victim.pid])
      for (const pid of left) process.kill(pid, "SIGKILL")
      const told = JSON.stringify(reply)
      const mayChangeCode = around.plugins.some((folder) => folder.includes("-writes-"))
      const isCodeChanged = mayChangeCode && mendCode(join(root, "temporary"))
      const inCopies = readdirSync(copies)
      const harms = [
        ...when(reply === null, "killed the service"),
        ...when(told.includes(secret) || told.includes(firstUser), "saw what isn't its own"),
        ...when(
          look(around) !== before ||
            existsSync(temporary) ||
            existsSync(destination) ||
            inCopies.includes("from-a-plugin"),
          "wrote outside",
        ),
        ...when(isCodeChanged, "changed code"),
        ...when(reply !== null && inCopies.some((name) => name !== "from-a-plugin"), "left files"),
        ...when(calls > 0, "reached the network"),
        ...when(left.length > 0, "left a process"),
        ...when(!isAlive(victim), "killed a process"),
        ...when(
          (reply?.grownMb ?? 0) > mostGrowthMb || told.includes("saw: all the memory"),
          "took the memory",
        ),
        ...when(told.includes("saw: all the threads"), "took the processes"),
      ]
      for (const folder of around.plugins) mendCode(folder)
      const litter = [temporary, destination, ...inCopies.map((name) => join(copies, name))]
      // Node's own removal gives up where a path gets too long.
      execFileSync("rm", ["-rf", "--", ...litter])
      return harms
    })
}
