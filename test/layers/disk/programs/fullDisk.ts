import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { replaceFile } from "../../../../layers/disk/atomic.ts"
import { Disk } from "../../../../src/ports/Disk.ts"

/** Started where no file may grow beyond a few KiB, as on a disk that fills up in the middle of a write. */
const [directory = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const disk = yield* Disk
  const big = "x".repeat(100_000)
  const errnos = yield* Effect.forEach(
    [
      disk.createFile(`${directory}/created`, big),
      disk.createFile(`${directory}/flushed`, big, { flush: true }),
      disk.copyFile(`${directory}/big`, `${directory}/copied`),
      replaceFile(`${directory}/record`, big),
      replaceFile(`${directory}/new`, big),
    ],
    (operation) => Effect.match(operation, { onFailure: ({ errno }) => errno, onSuccess: () => "written" }),
  )
  process.send?.(errnos)
})

NodeRuntime.runMain(Effect.provide(program, NodeDisk.layer))
