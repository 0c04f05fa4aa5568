import { spawn } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect, Option } from "effect"
import { layer as nodeDisk } from "../../../../layers/disk/NodeDisk.ts"
import { addWorkerKit } from "../../../../layers/plugins/code/workerKit.ts"
import {
  begun,
  type Conversation,
  hear,
  type Verdict,
  verdict,
} from "../../../../layers/plugins/protocol/Conversation.ts"
import {
  encodeInput,
  type WorkerInput,
  type WorkerMessage,
} from "../../../../layers/plugins/protocol/messages.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

/** A plugin's code as a host lays it out, and a tree for it to work on. */
export interface Stage {
  readonly stage: string
  readonly tree: string
}

const writeAll = async (folder: string, files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

/** Lays out a plugin whose files are these (its entry is `plugin.mjs`), and a tree. */
export const layOut = (code: Readonly<Record<string, string>>, tree: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const laidOut: Stage = { stage: join(root, "stage"), tree: join(root, "tree") }
    yield* Effect.promise(async () => {
      await mkdir(laidOut.stage)
      await mkdir(laidOut.tree)
      await writeAll(join(laidOut.stage, "code"), code)
      await writeAll(laidOut.tree, tree)
    })
    yield* Effect.provide(addWorkerKit(laidOut.stage), nodeDisk)
    return laidOut
  })

/** A plugin's module: these hooks, after these lines. */
export const pluginOf = (hooks: string, before = ""): string =>
  `import { appendFileSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { definePlugin } from "exlab-wizard/plugin"
${before}
export default definePlugin({ ${hooks} })
`

export const inputFor = ({ tree }: Stage, more: Partial<WorkerInput> = {}): WorkerInput => ({
  v: 1,
  mode: "transform",
  context: {
    variables: { operator: "Ada" },
    root: tree,
    destination: "/data/DEMO_01/PROJ-0042",
    template: { name: "confocal_run", version: "2.1" },
    runKind: "experimental",
    equipmentId: "DEMO_01",
    project: "PROJ-0042",
    dryRun: false,
  },
  files: [],
  extraInputs: null,
  resumeFile: null,
  ...more,
})

/** What became of a worker. */
export interface Ran {
  readonly lines: ReadonlyArray<string>
  readonly messages: ReadonlyArray<WorkerMessage>
  readonly verdict: Verdict
  readonly code: number | null
  readonly stderr: string
}

export interface RunOptions {
  readonly nodeFlags?: ReadonlyArray<string>
  readonly entry?: string
  /** Instead of the input's own line. */
  readonly stdin?: string
  /** Leaves standard input open. */
  readonly keepOpen?: boolean
}

const spawned = ({ stage, tree }: Stage, argv: ReadonlyArray<string>, stdin: string, keepOpen: boolean) =>
  Effect.async<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>(
    (resume) => {
      const [command = "", ...args] = argv
      const env = {
        PATH: process.env["PATH"],
        HOME: tree,
        LANG: "C.UTF-8",
        EXLAB_PLUGIN_DIR: join(stage, "code"),
      }
      const child = spawn(command, args, { cwd: tree, env })
      const output = { stdout: "", stderr: "" }
      child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text))
      child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text))
      // It may end without having read everything.
      child.stdin.on("error", () => undefined)
      child.on("exit", () => child.stdin.destroy())
      child.on("close", (code) => resume(Effect.succeed({ ...output, code })))
      if (keepOpen) child.stdin.write(stdin)
      else child.stdin.end(stdin)
      return Effect.sync(() => void child.kill("SIGKILL"))
    },
  )

/** Starts a program as a worker, gives it its input, and listens until it has ended. */
export const runProgram = (
  stage: Stage,
  argv: ReadonlyArray<string>,
  stdin: string,
  keepOpen = false,
): Effect.Effect<Ran> =>
  Effect.map(spawned(stage, argv, stdin, keepOpen), ({ code, stderr, stdout }) => {
    const lines = stdout.split("\n").filter((line) => line !== "")
    const messages: Array<WorkerMessage> = []
    let conversation: Conversation = begun
    for (const line of lines) {
      const [after, message] = hear(conversation, line)
      conversation = after
      if (Option.isSome(message)) messages.push(message.value)
    }
    const end = { _tag: "Exited", code: code ?? -1 } as const
    return { lines, messages, verdict: verdict(conversation, end), code, stderr }
  })

/** Starts the runner with a plugin. */
export const runPlugin = (stage: Stage, input: WorkerInput, options: RunOptions = {}): Effect.Effect<Ran> => {
  const { entry = "plugin.mjs", keepOpen = false, nodeFlags = [], stdin = encodeInput(input) } = options
  const runner = join(stage.stage, "runner.mjs")
  const argv = [process.execPath, ...nodeFlags, runner, join(stage.stage, "code", entry)]
  return runProgram(stage, argv, stdin, keepOpen)
}
