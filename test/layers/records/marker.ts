import { DateTime, Effect } from "effect"
import { runDestination } from "../../../src/domain/Destination.ts"
import { EquipmentWriter } from "../../../src/ports/EquipmentWriter.ts"
import { recordsLayer } from "./recordsLayer.ts"

/** Records the equipment and marks the folder of its runs, once it is told to. */
const [root = "", label = ""] = process.argv.slice(2)

const destination = runDestination(root, "CONFOCAL_01", "P-1", "test", DateTime.unsafeMakeZoned(0))

const program = Effect.gen(function* () {
  const writer = yield* EquipmentWriter
  yield* Effect.promise(() => new Promise((go) => process.once("message", go)))
  yield* writer.recordEquipment(root, { id: "CONFOCAL_01", label, nasRoot: "" })
  yield* writer.markFolder(destination, label)
})

process.send?.("ready")
await Effect.runPromise(program.pipe(Effect.provide(recordsLayer({ lockTimeoutSeconds: 60 }))))
process.disconnect()
