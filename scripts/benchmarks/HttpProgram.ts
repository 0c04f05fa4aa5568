import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Data, Effect, type Scope } from "effect"

export type HttpOrder = { readonly kind: "emit"; readonly id: string } | { readonly kind: "measure" }

export type HttpReport =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "held"; readonly heap: number; readonly rss: number }

/** It broke off; what it said is on standard error. */
export class HttpProgramEnded extends Data.TaggedError("HttpProgramEnded")<{ readonly code: number | null }> {
  override get message(): string {
    return `the HTTP program ended with ${this.code}`
  }
}

const program = fileURLToPath(new URL("./httpService.js", import.meta.url))

const nextReport = <Kind extends HttpReport["kind"]>(child: ChildProcess, kind: Kind) =>
  Effect.async<Extract<HttpReport, { readonly kind: Kind }>, HttpProgramEnded>((resume) => {
    const onClose = (code: number | null) => resume(new HttpProgramEnded({ code }))
    const isAwaited = (report: HttpReport): report is Extract<HttpReport, { readonly kind: Kind }> =>
      report.kind === kind
    const onMessage = (report: HttpReport) => {
      if (!isAwaited(report)) return
      child.off("close", onClose).off("message", onMessage)
      resume(Effect.succeed(report))
    }
    child.once("close", onClose).on("message", onMessage)
  })

const forkProgram = (mode: "serve" | "waiting" | "bare", argument: string) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      fork(program, [mode, argument], { execArgv: ["--expose-gc"], stdio: ["ignore", 2, 2, "ipc"] }),
    ),
    (child) =>
      Effect.async<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("close", () => resume(Effect.void))
        child.kill("SIGKILL")
      }),
  )

export interface HttpProgram {
  readonly url: string
  /** Lets a session warn. */
  readonly emit: (id: string) => Effect.Effect<void>
  /** What it holds. */
  readonly held: Effect.Effect<{ readonly heap: number; readonly rss: number }, HttpProgramEnded>
}

/** A service below a folder, one whose sessions wait, or a bare server with an answer. */
export const start = (
  mode: "serve" | "waiting" | "bare",
  argument: string,
): Effect.Effect<HttpProgram, HttpProgramEnded, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* forkProgram(mode, argument)
    const { url } = yield* nextReport(child, "listening")
    const order = (given: HttpOrder) => Effect.sync(() => void child.send(given))
    return {
      url,
      emit: (id) => order({ kind: "emit", id }),
      held: Effect.zipRight(order({ kind: "measure" }), nextReport(child, "held")),
    }
  })
