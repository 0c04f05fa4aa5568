import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Option } from "effect"
import * as HttpService from "../../../../layers/http/HttpService.ts"
import * as Standalone from "../../../../layers/Standalone.ts"

const announced = Layer.effectDiscard(
  Effect.flatMap(
    HttpService.address((url) => url),
    (url) => Effect.sync(() => process.send?.(url)),
  ),
)

const service = Standalone.layerFromFile({ config: Option.none(), environment: process.env })

NodeRuntime.runMain(Layer.launch(Layer.provide(announced, service)))
