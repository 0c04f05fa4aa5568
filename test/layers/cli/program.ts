import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { Effect, type Scope } from "effect"
import { vi } from "vitest"
import { compiled } from "../../support/compiled.ts"

// Each start takes half a second, and ten times that where much else goes on; some tests need half a dozen.
vi.setConfig({ testTimeout: 300_000 })

const source = new URL("../../../layers/main.cts", import.meta.url)

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** In a pseudo-terminal, where both outputs are one. */
  readonly terminal?: boolean
  /** Nobody reads the standard output. */
  readonly unread?: boolean
  /** The standard output goes to a device that is full. */
  readonly full?: boolean
}

export interface Program {
  readonly pid: number
  /** Once this is shown, after what was waited for before at the same place; or the program has ended. */
  readonly shown: (text: string, place?: "stdout" | "stderr") => Effect.Effect<void>
  readonly type: (keys: string) => Effect.Effect<void>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly ended: Effect.Effect<Ran>
}

/** What `script` runs, quoted for its shell. */
const quoted = (words: ReadonlyArray<string>): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ")

const environment = (cwd: string, env: RunOptions["env"]) => {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("EXLAB_"))
  return { ...Object.fromEntries(inherited), XDG_CONFIG_HOME: cwd, NO_COLOR: "1", ...env }
}

const watched = (child: ChildProcessWithoutNullStreams): Program => {
  const said = { stdout: "", stderr: "" }
  const seen = { stdout: 0, stderr: 0 }
  let hasEnded = false
  let look = (): void => undefined
  child.stdin.on("error", () => undefined)
  for (const place of ["stdout", "stderr"] as const) {
    child[place].setEncoding("utf8").on("data", (text) => {
      said[place] += String(text)
      look()
    })
  }
  const ended = new Promise<Ran>((resolve) =>
    child.once("close", (code) => {
      hasEnded = true
      look()
      resolve({ code, ...said })
    }),
  )
  const shown: Program["shown"] = (text, place = "stdout") =>
    Effect.async<void>((resume) => {
      look = () => {
        const at = said[place].indexOf(text, seen[place])
        if (at === -1 && !hasEnded) return
        look = () => undefined
        if (at !== -1) seen[place] = at + text.length
        resume(Effect.void)
      }
      look()
    })
  return {
    pid: child.pid ?? 0,
    shown,
    type: (keys) => Effect.sync(() => void child.stdin.write(keys)),
    signal: (signal) => Effect.sync(() => void child.kill(signal)),
    ended: Effect.promise(() => ended),
  }
}

/** Starts the real program, in pipes or in a pseudo-terminal; it is killed with the scope. */
export const startProgram = (
  args: ReadonlyArray<string>,
  { cwd, env, full = false, terminal = false, unread = false }: RunOptions,
): Effect.Effect<Program, never, Scope.Scope> =>
  Effect.flatMap(compiled(source.href), (file) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => {
          const words = [process.execPath, file, ...args]
          const [command = "", ...rest] = terminal
            ? ["script", "-qec", quoted(words), "/dev/null"]
            : full
              ? ["sh", "-c", `exec ${quoted(words)} >/dev/full`]
              : words
          const child = spawn(command, rest, { cwd, env: environment(cwd, env) })
          if (!terminal) child.stdin.end()
          if (unread) child.stdout.destroy()
          return child
        }),
        (child) => Effect.sync(() => child.kill("SIGKILL")),
      ),
      watched,
    ),
  )

/** Runs the real program to its end, in pipes. */
export const runProgram = (args: ReadonlyArray<string>, options: RunOptions): Effect.Effect<Ran> =>
  Effect.scoped(Effect.flatMap(startProgram(args, options), ({ ended }) => ended))

/** Runs it in a pseudo-terminal, where a person types this when a text is shown, in turn. */
export const runAtTerminal = (
  args: ReadonlyArray<string>,
  typing: ReadonlyArray<readonly [shown: string, keys: string]>,
  options: RunOptions,
): Effect.Effect<Ran> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { ended, shown, type } = yield* startProgram(args, { ...options, terminal: true })
      for (const [text, keys] of typing) yield* Effect.zipRight(shown(text), type(keys))
      return yield* ended
    }),
  )
