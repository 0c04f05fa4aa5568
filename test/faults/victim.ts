import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Logger, LogLevel } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { AbandonedAreas } from "../../layers/workspace/AbandonedAreas.ts"
import { Action, atOperation, DiskFaults } from "../support/FaultDisk.ts"
import { create, scenarios } from "./creation.ts"
import { service } from "./service.ts"

/** Begins a creation and kills itself before or after its k-th file operation. */
const [root = "", scenario = "", k = "", moment = ""] = process.argv.slice(2)

const die = { effect: Effect.sync(() => process.kill(process.pid, "SIGKILL")) }

const program = Effect.gen(function* () {
  const faults = yield* DiskFaults
  const { cleared } = yield* AbandonedAreas
  yield* cleared
  yield* faults.arm(
    atOperation(Number(k), moment === "before" ? Action.RunBefore(die) : Action.RunAfter(die)),
  )
  const call = scenarios.find(({ name }) => name === scenario)
  yield* call === undefined ? Effect.dieMessage(`there is no scenario ${scenario}`) : create(call)
})

const quiet = Logger.minimumLogLevel(LogLevel.None)

NodeRuntime.runMain(
  Effect.provide(program, service(root).pipe(Layer.provide(NodeDisk.layer), Layer.provideMerge(quiet))),
)
