import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Data, Effect, type Scope } from "effect"
import type { Task } from "./bareCreations.ts"
import type { Cost } from "./figures.ts"
import type { PlannedOperation } from "./operations.ts"

/** The bare program broke off; what it said is on standard error. */
export class BareProgramEnded extends Data.TaggedError("BareProgramEnded")<{
  readonly code: number | null
}> {
  override get message(): string {
    return `the bare program ended with ${this.code}`
  }
}

/** The bare program, in a process of its own. */
export interface BareProgram {
  readonly perform: (task: Task) => Effect.Effect<Cost, BareProgramEnded>
}

const program = fileURLToPath(new URL("./bareCreations.js", import.meta.url))

const start = Effect.acquireRelease(
  Effect.sync(() => fork(program, { execArgv: [], stdio: ["ignore", 2, 2, "ipc"] })),
  (child) =>
    Effect.async<void>((resume) => {
      if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
      child.once("close", () => resume(Effect.void))
      child.kill()
    }),
)

const perform = (child: ChildProcess, task: Task): Effect.Effect<Cost, BareProgramEnded> =>
  Effect.async((resume) => {
    const onClose = (code: number | null) => resume(new BareProgramEnded({ code }))
    child.once("close", onClose)
    child.once("message", (cost: Cost) => {
      child.off("close", onClose)
      resume(Effect.succeed(cost))
    })
    child.send(task)
  })

export const make = (plan: ReadonlyArray<PlannedOperation>): Effect.Effect<BareProgram, never, Scope.Scope> =>
  Effect.map(start, (child) => {
    child.send([...plan])
    return { perform: (task) => perform(child, task) }
  })
