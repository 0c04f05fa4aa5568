import { type ChildProcess, fork, type ForkOptions } from "node:child_process"
import { Data, Deferred, Effect, Queue, type Scope } from "effect"
import { compiled } from "./compiled.ts"

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The program ended before it said what was waited for. */
export class ChildEnded extends Data.TaggedError("ChildEnded")<Ended & { readonly stderr: string }> {
  override get message(): string {
    return `the program ended with ${this.code ?? this.signal}\n${this.stderr}`
  }
}

export interface Child {
  readonly pid: number
  /** The next message that the program sent by `process.send`. */
  readonly next: Effect.Effect<unknown, ChildEnded>
  readonly send: (message: string | number | object) => Effect.Effect<void>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly ended: Effect.Effect<Ended>
}

const watch = (process: ChildProcess, pid: number): Effect.Effect<Child> =>
  Effect.gen(function* () {
    const messages = yield* Queue.unbounded<unknown>()
    const ended = yield* Deferred.make<Ended>()
    let stderr = ""
    process.stderr?.on("data", (text) => (stderr += String(text)))
    process.on("message", (message) => Queue.unsafeOffer(messages, message))
    const closed = new Promise<Ended>((done) => process.on("close", (code, signal) => done({ code, signal })))
    // Messages may still be on their way when the program is gone.
    process.on("disconnect", () => void closed.then((end) => Deferred.unsafeDone(ended, Effect.succeed(end))))
    const over = Effect.flatMap(Deferred.await(ended), (end) => new ChildEnded({ ...end, stderr }))
    return {
      pid,
      next: Effect.flatMap(Queue.poll(messages), (message) =>
        message._tag === "Some"
          ? Effect.succeed(message.value)
          : Effect.raceFirst(Queue.take(messages), over),
      ),
      send: (message) => Effect.sync(() => process.send?.(message)),
      signal: (signal) => Effect.sync(() => process.kill(signal)),
      ended: Deferred.await(ended),
    }
  })

/** What the process may not go beyond, and who it is. */
export interface Limits {
  /** Bytes in a file, in blocks of 512: writes beyond it fail with `EFBIG`. */
  readonly fileSizeBlocks?: number
  /** Its user and its group, by number; only root may choose. */
  readonly user?: number
  /** Variables beside those of the tests. */
  readonly variables?: Readonly<Record<string, string>>
}

const owner = ({ user, variables }: Limits): ForkOptions => ({
  env: { ...process.env, ...variables },
  ...(user === undefined ? {} : { uid: user, gid: user }),
})

/** A shell sets the limit and becomes the program. */
const launcher = ({ fileSizeBlocks }: Limits): Pick<ForkOptions, "execPath" | "execArgv"> =>
  fileSizeBlocks === undefined
    ? {}
    : {
        execPath: "/bin/sh",
        execArgv: ["-c", `ulimit -f ${fileSizeBlocks} && exec "$0" "$@"`, process.execPath],
      }

/**
 * Starts a TypeScript program of the tests as a process of its own. It talks by `process.send` and
 * `process.on("message")`, and is killed when the scope closes.
 */
export const forkProgram = (
  program: URL,
  args: ReadonlyArray<string> = [],
  limits: Limits = {},
): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.flatMap(compiled(program.href), (file) =>
    Effect.acquireRelease(
      Effect.suspend(() => {
        const process = fork(file, args, {
          ...launcher(limits),
          ...owner(limits),
          stdio: ["ignore", "inherit", "pipe", "ipc"],
        })
        return watch(process, process.pid ?? 0)
      }),
      (child) => Effect.zipRight(child.signal("SIGKILL"), child.ended),
    ),
  )
