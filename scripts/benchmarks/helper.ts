import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Data, Effect, type Scope } from "effect"

/** The program broke off; what it said is on standard error. */
export class HelperEnded extends Data.TaggedError("HelperEnded")<{
  readonly program: string
  readonly code: number | null
}> {
  override get message(): string {
    return `${this.program} ended with ${this.code}`
  }
}

/** A plain program in a process of its own, which answers each message with one. */
export interface Helper<Asked, Told> {
  readonly ask: (message: Asked) => Effect.Effect<Told, HelperEnded>
  readonly send: (message: Asked) => void
}

const start = (program: string) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      fork(fileURLToPath(new URL(program, import.meta.url)), {
        execArgv: [],
        stdio: ["ignore", 2, 2, "ipc"],
      }),
    ),
    (child) =>
      Effect.async<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("close", () => resume(Effect.void))
        child.kill()
      }),
  )

const answerOf = <Told>(program: string, child: ChildProcess): Effect.Effect<Told, HelperEnded> =>
  Effect.async((resume) => {
    const onClose = (code: number | null) => resume(new HelperEnded({ program, code }))
    child.once("close", onClose)
    child.once("message", (told: Told) => {
      child.off("close", onClose)
      resume(Effect.succeed(told))
    })
  })

/** Starts a compiled program that lies beside this one, until the scope closes. */
export const helper = <Asked extends object, Told>(
  program: string,
): Effect.Effect<Helper<Asked, Told>, never, Scope.Scope> =>
  Effect.map(start(program), (child) => {
    const send = (message: Asked): void => void child.send(message)
    return {
      send,
      ask: (message) =>
        Effect.zipRight(
          Effect.sync(() => send(message)),
          answerOf<Told>(program, child),
        ),
    }
  })
