import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Logger, LogLevel, Queue } from "effect"
import * as NodeDisk from "../../layers/disk/NodeDisk.ts"
import { AbandonedAreas } from "../../layers/workspace/AbandonedAreas.ts"
import { projectRequest } from "../support/requests.ts"
import { Action, DiskFaults, type Operation } from "../support/FaultDisk.ts"
import { create } from "./creation.ts"
import type { Command, Report, Stop } from "./rivalry.ts"
import { service } from "./service.ts"

/** Creates the projects that it is told to, one after the other, and stops on the way where it is told to. */
const [root = ""] = process.argv.slice(2)

const say = (report: Report) => Effect.sync(() => void process.send?.(report))

const matches = ({ operation, path }: Stop, { name, paths }: Operation): boolean =>
  name === operation && paths.some((one) => one.endsWith(path))

const program = Effect.gen(function* () {
  const faults = yield* DiskFaults
  const commands = yield* Queue.unbounded<Command>()
  process.on("message", (command: Command) => Queue.unsafeOffer(commands, command))

  /** Says that it stands, and goes on when it is told to. */
  const stand = { effect: Effect.zipRight(say({ _tag: "Standing" }), Queue.take(commands)) }

  const arm = (stop: Stop | undefined) => {
    let stood = false
    return faults.arm((operation) => {
      if (stop === undefined || stood || !matches(stop, operation)) return Action.Pass()
      stood = true
      return stop.when === "before" ? Action.RunBefore(stand) : Action.RunAfter(stand)
    })
  }

  const { cleared } = yield* AbandonedAreas
  yield* cleared
  yield* say({ _tag: "Standing" })
  for (
    let command = yield* Queue.take(commands);
    command._tag !== "End";
    command = yield* Queue.take(commands)
  ) {
    if (command._tag === "Go") continue
    const limsProject = { uid: "", shortId: command.shortId, nameAtCreation: "P", source: "live" } as const
    const request = projectRequest({ equipmentId: "FRESH_01", templatePath: "imaging", limsProject })
    yield* arm(command.stop)
    const { session } = yield* create({ kind: "project", request })
    yield* say({
      _tag: "Ended",
      sessionId: session.sessionId,
      state: session.state,
      code: session.error?.code ?? null,
    })
  }
})

const quiet = Logger.minimumLogLevel(LogLevel.None)

NodeRuntime.runMain(
  program.pipe(
    Effect.provide(Layer.provide(service(root), NodeDisk.layer).pipe(Layer.provideMerge(quiet))),
    Effect.ensuring(Effect.sync(() => process.disconnect())),
  ),
)
