import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect } from "effect"
import { isHanging } from "../nas/transports/mounted/PatientDisk.ts"
import { exitCode, main } from "./cli.ts"
import { isPlain, withoutColours } from "./colours.ts"

/** A terminal that is closed ends what runs in it as a SIGTERM does; where nobody hears that any more, at once. */
const hangUp = (): void => {
  if (!process.emit("SIGTERM", "SIGTERM")) process.kill(process.pid, "SIGKILL")
}

/** Runs the program; its signals are listened to when this returns. */
export const run = (isService: boolean): void => {
  const program = main(process.argv)
  process.on("SIGHUP", hangUp)
  NodeRuntime.runMain(Effect.provide(isPlain() ? withoutColours(program) : program, NodeContext.layer), {
    disableErrorReporting: true,
    // It would write beside ours, and on standard output.
    disablePrettyLogger: true,
    teardown: (exit, end) => {
      if (isHanging()) process.kill(process.pid, "SIGKILL")
      // A result that got lost has said so already.
      end(exitCode(exit, isService) || Number(process.exitCode ?? 0))
    },
  })
}
