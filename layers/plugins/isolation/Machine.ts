import { dirname, basename } from "node:path"
import { Array, Effect, Option } from "effect"
import { Disk } from "../../../src/ports/Disk.ts"
import { ownLimits, threadsOfUser } from "../../process/procfs.ts"
import type { SystemView } from "./bubblewrap.ts"
import { type Ceilings, parseCeilings } from "./limits.ts"
import { isWithin, type Program, programsNamed } from "./programs.ts"

/** What this computer has for keeping workers apart. */
export interface Machine {
  readonly node: string
  readonly nodeMajor: number
  readonly bwrap: Option.Option<string>
  readonly prlimit: Option.Option<string>
  /** Hard limits of the service itself. */
  readonly ceilings: Ceilings
  /** The service's own `PATH`; workers get it, too. */
  readonly searchPath: string
  readonly view: SystemView
  readonly isRoot: boolean
}

/** Programs and their libraries, on every distribution that this is known of. */
const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]

/** Node with its libraries, wherever it was installed. */
const nodeHome = (node: string): string => {
  const folder = dirname(node)
  return basename(folder) === "bin" && folder !== "/bin" ? dirname(folder) : node
}

const lookAt = (path: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const info = yield* disk.lstat(path)
    const isLink = Option.exists(info, ({ type }) => type === "symlink")
    return { path, isLink, target: isLink ? yield* disk.realPath(path) : path }
  }).pipe(Effect.orElseSucceed(() => ({ path, isLink: false, target: path })))

const systemView = (others: ReadonlyArray<string>): Effect.Effect<SystemView, never, Disk> =>
  Effect.map(Effect.forEach(systemFolders, lookAt), (folders) => ({
    readable: Array.dedupe([...folders.filter(({ isLink }) => !isLink).map(({ path }) => path), ...others]),
    links: folders.filter(({ isLink }) => isLink).map(({ path, target }) => [target, path] as const),
  }))

/** All that can be named in a worker's world, besides the plugin's own folders. */
const visible = ({ links, readable }: SystemView): ReadonlyArray<string> => [
  ...readable,
  ...links.map(([, path]) => path),
]

/** Whether a worker at tier `os` can start a program. */
export const isVisible = (machine: Machine, program: Program): boolean =>
  isWithin(program, visible(machine.view))

/**
 * Threads that a worker may bring the user to. The system counts all of a user's, so those that run now are
 * left room for.
 */
export const threadLimit: Effect.Effect<number> = Effect.sync(
  () => 256 + threadsOfUser(process.getuid?.() ?? 0),
)

/** Looks at the computer. `readablePaths`: what the settings let workers read besides the system. */
export const look = (readablePaths: ReadonlyArray<string>): Effect.Effect<Machine, never, Disk> =>
  Effect.gen(function* () {
    const searchPath = process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    const first = (name: string) => Effect.map(programsNamed(name, searchPath), Array.head)
    const node = process.execPath
    return {
      node,
      nodeMajor: Number.parseInt(process.versions.node, 10),
      bwrap: Option.map(yield* first("bwrap"), ({ path }) => path),
      prlimit: Option.map(yield* first("prlimit"), ({ path }) => path),
      ceilings: parseCeilings(ownLimits()),
      searchPath,
      view: yield* systemView([nodeHome(node), ...readablePaths]),
      isRoot: process.getuid?.() === 0,
    }
  })
