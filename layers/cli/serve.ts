import { Command } from "@effect/cli"
import { Effect, Layer } from "effect"
import * as Standalone from "../Standalone.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { config } from "./common.ts"
import { Output } from "./Output.ts"

/** Runs the service until a signal ends it. */
export const serve = Command.make("serve", { config }, ({ config }) => {
  const place = { config, environment: process.env }
  const announced = Layer.effectDiscard(
    Effect.gen(function* () {
      const { result } = yield* Output
      yield* result(yield* Standalone.greeting)
    }),
  )
  return Layer.launch(Layer.provide(announced, Standalone.layerFromFile(place))).pipe(
    Effect.catchTag("ServeError", ({ cause }) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      return new CommandFailed({
        message: `the service can't listen: ${reason}; set http.host and http.port`,
      })
    }),
  )
}).pipe(
  Command.withDescription(
    "Runs the service with its HTTP interface until SIGINT, SIGTERM or SIGHUP, which end it with 0.",
  ),
)
