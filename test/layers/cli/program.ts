import { spawn } from "node:child_process"
import { Effect } from "effect"
import { compiled } from "../../support/childProcess.ts"

const source = new URL("../../../layers/main.ts", import.meta.url)

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** In a pseudo-terminal: what a person types when a text is shown, in turn. */
  readonly typing?: ReadonlyArray<readonly [shown: string, keys: string]>
  /** Nobody reads the standard output. */
  readonly unread?: boolean
  /** Sent when the standard output has this text. */
  readonly signalAt?: readonly [shown: string, signal: NodeJS.Signals]
}

/** What `script` runs, quoted for its shell. */
const quoted = (words: ReadonlyArray<string>): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ")

const environment = (cwd: string, env: RunOptions["env"]) => {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("EXLAB_"))
  return { ...Object.fromEntries(inherited), XDG_CONFIG_HOME: cwd, NO_COLOR: "1", ...env }
}

/** Runs the real program to its end: in pipes, or in a pseudo-terminal when something is typed. */
export const runProgram = (
  args: ReadonlyArray<string>,
  { cwd, env, signalAt, typing, unread = false }: RunOptions,
): Effect.Effect<Ran> =>
  Effect.flatMap(compiled(source.href), (file) =>
    Effect.async<Ran>((resume) => {
      const words = [process.execPath, file, ...args]
      const [command = "", ...rest] =
        typing === undefined ? words : ["script", "-qec", quoted(words), "/dev/null"]
      const child = spawn(command, rest, { cwd, env: environment(cwd, env) })
      const left = [...(typing ?? [])]
      const said = { stdout: "", stderr: "", unseen: "" }
      if (unread) child.stdout.destroy()
      child.stderr.on("data", (text) => (said.stderr += String(text)))
      child.stdout.on("data", (text) => {
        said.stdout += String(text)
        said.unseen += String(text)
        if (signalAt !== undefined && said.stdout.includes(signalAt[0])) child.kill(signalAt[1])
        for (let next = left[0]; next !== undefined && said.unseen.includes(next[0]); next = left[0]) {
          said.unseen = said.unseen.slice(said.unseen.indexOf(next[0]) + next[0].length)
          child.stdin.write(next[1])
          left.shift()
        }
      })
      if (typing === undefined) child.stdin.end()
      child.on("close", (code) => resume(Effect.succeed({ code, ...said })))
      return Effect.sync(() => child.kill("SIGKILL"))
    }),
  )
