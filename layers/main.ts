/** The service by itself: `./scripts/serve` builds and starts it. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Option } from "effect"
import * as Standalone from "./Standalone.ts"

const announced = Layer.effectDiscard(Effect.flatMap(Standalone.greeting, Console.log))

const service = Standalone.layerFromFile({ config: Option.none(), environment: process.env })

NodeRuntime.runMain(Layer.launch(Layer.provide(announced, service)))
