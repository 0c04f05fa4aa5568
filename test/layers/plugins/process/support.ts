import { Effect, Layer } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { type ProcessOrder, run } from "../../../../layers/plugins/process/WorkerProcess.ts"

/** Runs a script in Node; what it said is in `lines`. */
export const runScript = (script: string, order: Partial<ProcessOrder> = {}) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const report = yield* run(orderOf([process.execPath, "-e", script], order), (line) =>
      Effect.sync(() => lines.push(line)),
    )
    return { ...report, lines }
  })

export const orderOf = (argv: ProcessOrder["argv"], order: Partial<ProcessOrder> = {}): ProcessOrder => {
  const mark = crypto.randomUUID()
  return {
    argv,
    cwd: "/",
    stdin: "",
    timeout: "20 seconds",
    volume: { path: "/", minFreeBytes: 0 },
    mark,
    ...order,
    env: { PATH: process.env.PATH ?? "", EXLAB_WORKER: mark, ...order.env },
  }
}

export const disk = Layer.orDie(NodeDisk.layer)
