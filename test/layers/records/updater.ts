import { Effect } from "effect"
import { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import { override, recordsLayer } from "./recordsLayer.ts"

/** Adds `count` overrides to a record, one change each, and says of each when it is done. */
const [directory = "", name = "", count = "0"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const writer = yield* CreationWriter
  for (let n = 0; n < Number(count); n += 1) {
    const id = `${name}-${n}`
    yield* writer.update(directory, () => ({ addOverrides: [override(id)] }))
    process.send?.(id)
  }
})

await Effect.runPromise(program.pipe(Effect.provide(recordsLayer({ lockTimeoutSeconds: 60 }))))
process.disconnect()
