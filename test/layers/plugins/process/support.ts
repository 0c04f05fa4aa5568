import { Effect, Layer } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { type ProcessOrder, run } from "../../../../layers/plugins/process/WorkerProcess.ts"
import { processesAround } from "../../../support/leftProcesses.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

export const orderOf = (
  argv: ProcessOrder["argv"],
  { env, ...order }: Partial<ProcessOrder>,
): ProcessOrder => {
  const mark = crypto.randomUUID()
  return {
    argv,
    cwd: "/",
    stdin: "",
    timeout: "20 seconds",
    volume: { path: "/", minFreeBytes: 0 },
    mark,
    ...order,
    env: { PATH: process.env.PATH ?? "", EXLAB_WORKER: mark, ...env },
  }
}

/** A script for Node, with what scripts of these tests use. */
export const nodeScript = (script: string): ProcessOrder["argv"] => [
  process.execPath,
  "--input-type=module",
  "-e",
  `import { spawn } from "node:child_process"
   import { writeFileSync, writeSync } from "node:fs"
   import { setTimeout } from "node:timers/promises"
   const forever = "setInterval(() => {}, 1000)"
   const start = (script, options) => spawn(process.execPath, ["-e", script], { stdio: "ignore", ...options })
   ${script}`,
]

/** Runs a script in Node; `lines` is what it said, `left` the processes around its directory afterwards. */
export const runScript = (script: string, order: Partial<ProcessOrder> = {}) =>
  Effect.scoped(
    Effect.gen(function* () {
      const cwd = order.cwd ?? (yield* temporaryDirectory)
      const lines: Array<string> = []
      const report = yield* run(orderOf(nodeScript(script), { ...order, cwd }), (line) =>
        Effect.sync(() => lines.push(line)),
      )
      return { ...report, lines, left: processesAround(cwd, []) }
    }),
  )

export const disk = Layer.orDie(NodeDisk.layer)
