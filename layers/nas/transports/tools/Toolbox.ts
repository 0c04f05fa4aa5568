import { type Duration, Effect, Either } from "effect"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import type { Disk } from "../../../../src/ports/Disk.ts"
import { programsNamed } from "../../../plugins/isolation/programs.ts"
import { type ToolReport, run as runTool } from "../../../process/ToolProcess.ts"
import { failure } from "../places.ts"

/** Programs that transports work with, and the Debian packages that have them. */
const packages = { rsync: "rsync", ssh: "openssh-client", rclone: "rclone" } as const
export type Program = keyof typeof packages

export interface Use {
  readonly stdin?: Uint8Array
  /** Whether reading and writing is a sign of life, see `ToolOrder`. */
  readonly busyIsAlive?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly onOutput?: (chunk: Buffer) => Effect.Effect<void>
  readonly onComplaint?: (chunk: Buffer) => Effect.Effect<void>
}

/** The tools of this machine. */
export interface Toolbox {
  /** What to start for a program, by its path; it ends when its parent does, where the system can see to that. */
  readonly words: (
    program: Program,
  ) => Effect.Effect<readonly [string, ...ReadonlyArray<string>], SyncFailure>
  /** Runs a program to its end. Fails only when it can't be started: how it ended is in the report. */
  readonly run: (
    program: Program,
    args: ReadonlyArray<string>,
    use?: Use,
  ) => Effect.Effect<ToolReport, SyncFailure>
  readonly silence: Duration.Duration
}

const missing = (program: Program): SyncFailure =>
  failure(
    "permanent",
    `${program} isn't installed on this computer, or isn't on the service's PATH: install the package ${packages[program]} (Debian's name)`,
  )

/** What would change what a tool does behind our back is left out; whatever it needs to reach its target stays. */
const isHanded = (name: string): boolean =>
  !/^(?:RSYNC_|EXLAB_|LC_|LANG)/.test(name) &&
  (!name.startsWith("RCLONE_") || name.startsWith("RCLONE_CONFIG"))

const environmentFor = (variables: NodeJS.ProcessEnv): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value !== undefined && isHanded(name) ? [[name, value]] : [],
    ),
  ),
  // What tools say is read: in English, bytes for bytes.
  LC_ALL: "C",
})

const leash = ["--pdeathsig", "KILL", "--"] as const

/** Tools that are looked for on the search path of these variables, and may be silent for so long. */
export const make = (
  variables: NodeJS.ProcessEnv,
  silence: Duration.Duration,
): Effect.Effect<Toolbox, never, Disk> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Disk>()
    const env = environmentFor(variables)
    const find = (name: string): Effect.Effect<Either.Either<string, null>> =>
      Effect.map(Effect.provide(programsNamed(name, env["PATH"] ?? ""), context), ([first]) =>
        first === undefined ? Either.left(null) : Either.right(first.path),
      )
    const start = (argv: readonly [string, ...ReadonlyArray<string>], use: Use = {}) =>
      runTool(
        {
          argv: [argv[0], ...argv.slice(1)],
          cwd: "/",
          env: { ...env, ...use.env },
          stdin: use.stdin ?? "",
          silence,
          busyIsAlive: use.busyIsAlive === true,
          ...(use.onComplaint === undefined ? {} : { onComplaint: use.onComplaint }),
        },
        use.onOutput ?? (() => Effect.void),
      )
    // A small setpriv doesn't know the option; some systems have none.
    const leashOf = yield* Effect.cached(
      Effect.gen(function* () {
        const setpriv = yield* find("setpriv")
        if (Either.isLeft(setpriv)) return []
        const { end } = yield* start([setpriv.right, ...leash, setpriv.right, "--version"])
        return end._tag === "Exited" && end.code === 0 ? [setpriv.right, ...leash] : []
      }),
    )
    const words: Toolbox["words"] = (program) =>
      Effect.gen(function* () {
        const found = yield* find(program)
        if (Either.isLeft(found)) return yield* missing(program)
        const [first, ...rest] = [...(yield* leashOf), found.right]
        return [first ?? found.right, ...rest]
      })
    return {
      silence,
      words,
      run: (program, args, use) =>
        Effect.gen(function* () {
          const [first, ...rest] = yield* words(program)
          const report = yield* start([first, ...rest, ...args], use)
          if (report.end._tag === "NotStarted") {
            return yield* failure("permanent", `${program} can't be started: ${report.end.reason}`)
          }
          return report
        }),
    }
  })

/** Everything that a tool says on standard output. For answers that are short. */
export const collecting = <A, E>(
  use: (onOutput: (chunk: Buffer) => Effect.Effect<void>) => Effect.Effect<A, E>,
): Effect.Effect<readonly [Buffer, A], E> =>
  Effect.suspend(() => {
    const chunks: Array<Buffer> = []
    const result = use((chunk) => Effect.sync(() => void chunks.push(chunk)))
    return Effect.map(result, (value) => [Buffer.concat(chunks), value] as const)
  })
