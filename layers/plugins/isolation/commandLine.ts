import { Array, Either, Option } from "effect"
import type { IsolationTier } from "../../../src/domain/PluginCatalog.ts"
import { sandboxArguments } from "./bubblewrap.ts"
import { heapArguments, limitArguments, type ProcessLimits } from "./limits.ts"
import type { Machine } from "./Machine.ts"
import { permissionArguments } from "./permissionModel.ts"

/** What a worker runs, and where. Paths are real paths. */
export interface Work {
  /** The program and its arguments; for a Node plugin the script and its arguments, without Node. */
  readonly words: Array.NonEmptyReadonlyArray<string>
  /** Readable. */
  readonly stage: string
  /** Writable, and the working directory. */
  readonly tree: string
  readonly env: Readonly<Record<string, string>>
  readonly limits: ProcessLimits
  readonly network: boolean
}

type CommandLine = Array.NonEmptyReadonlyArray<string>

const program = ({ node }: Machine, { limits, words }: Work, flags: ReadonlyArray<string>): CommandLine =>
  limits.runtime === "node" ? [node, ...flags, ...heapArguments(limits), ...words] : words

const limited = ({ ceilings, prlimit }: Machine, { limits }: Work, command: CommandLine): CommandLine =>
  Option.match(prlimit, {
    onNone: () => command,
    onSome: (path) => Array.appendAll(limitArguments(path, limits, ceilings), command),
  })

/** The whole command line of a worker at a tier. Left: why there is none. */
export const commandLine = (
  tier: IsolationTier,
  machine: Machine,
  work: Work,
): Either.Either<CommandLine, string> => {
  switch (tier) {
    case "none":
      return Either.right(limited(machine, work, program(machine, work, [])))
    case "permission":
      return Either.map(permissionArguments(machine.nodeMajor, work), (flags) =>
        limited(machine, work, program(machine, work, flags)),
      )
    case "os":
      return Option.match(machine.bwrap, {
        onNone: () => Either.left("bubblewrap (the program bwrap) isn't installed"),
        onSome: (bwrap) =>
          Either.right(
            Array.appendAll(
              sandboxArguments(bwrap, { ...work, view: machine.view }),
              limited(machine, work, program(machine, work, [])),
            ),
          ),
      })
  }
}
