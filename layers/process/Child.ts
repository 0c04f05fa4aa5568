import { type ChildProcess, spawn } from "node:child_process"
import type { Readable } from "node:stream"
import { type Array, Data, Deferred, Effect, Either, Option } from "effect"
import { type ProcessStat, statOf } from "./procfs.ts"

/** What is started, and where. */
export interface Launch {
  readonly argv: Array.NonEmptyReadonlyArray<string>
  readonly cwd: string
  /** All that it finds in its environment. */
  readonly env: Readonly<Record<string, string>>
  /** All that it can read on standard input. */
  readonly stdin: string | Uint8Array
}

/** How a process ended by itself, or because somebody killed it. */
export type ChildEnd = Data.TaggedEnum<{
  Exited: { readonly code: number }
  Signalled: { readonly signal: string }
}>
const ChildEnd = Data.taggedEnum<ChildEnd>()

/** A process that was started, leader of a session and a group of its own. */
export interface Child {
  readonly pid: number
  /** As it was at its start; none where there is no `/proc`. */
  readonly stat: Option.Option<ProcessStat>
  readonly stdout: Readable
  readonly stderr: Readable
  readonly ended: Effect.Effect<ChildEnd>
  readonly hasEnded: Effect.Effect<boolean>
  /** To the leader's group, as long as the leader hasn't ended: after that its id may be somebody else's. */
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Closes our ends of its pipes. */
  readonly close: Effect.Effect<void>
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Errors of pipes, and of a process that is gone, show in how it ends. */
const ignoreErrors = (child: ChildProcess): void => {
  for (const source of [child, child.stdin, child.stdout, child.stderr]) source?.on("error", () => undefined)
}

/** A process that couldn't be started has no id; why comes later, as an event. */
const launch = ({ argv: [program, ...args], cwd, env }: Launch) =>
  Either.try({
    try: () => spawn(program, args, { cwd, env, stdio: "pipe", detached: true }),
    catch: reasonOf,
  })

const failureOf = (child: ChildProcess): Effect.Effect<string> =>
  Effect.async((resume) => {
    child.once("error", (error) => resume(Effect.succeed(reasonOf(error))))
  })

const toEnd = (code: number | null, signal: string | null): ChildEnd =>
  code === null ? ChildEnd.Signalled({ signal: signal ?? "unknown" }) : ChildEnd.Exited({ code })

/** To a whole group; nothing when there is none. */
export const signalGroup = (group: number, signal: NodeJS.Signals): Effect.Effect<void> =>
  Effect.ignore(Effect.try(() => process.kill(-group, signal)))

/** Starts a process and gives it its input. Left: why it couldn't be started. */
export const start = (order: Launch): Effect.Effect<Either.Either<Child, string>> =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<ChildEnd>()
    const launched = launch(order)
    if (Either.isLeft(launched)) return Either.left(launched.left)
    const child = launched.right
    const { pid, stderr, stdin, stdout } = child
    // Before anything else runs: it can't have been collected yet.
    const stat = Option.flatMap(Option.fromNullable(pid), statOf)
    if (pid === undefined) return Either.left(yield* failureOf(child))
    child.once("exit", (code, signal) => Deferred.unsafeDone(ended, Effect.succeed(toEnd(code, signal))))
    ignoreErrors(child)
    // It may end without having read any of it.
    stdin.end(order.stdin)
    return Either.right({
      pid,
      stat,
      stdout,
      stderr,
      ended: Deferred.await(ended),
      hasEnded: Deferred.isDone(ended),
      signal: (signal) => Effect.unlessEffect(signalGroup(pid, signal), Deferred.isDone(ended)),
      close: Effect.sync(() => {
        for (const pipe of [stdin, stdout, stderr]) pipe.destroy()
      }),
    })
  })
