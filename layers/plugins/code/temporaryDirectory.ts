import { tmpdir } from "node:os"
import { Effect, Random } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { removeAtLast } from "../../disk/atomic.ts"
import { removeTree } from "../../disk/trees.ts"

const word = Effect.map(Random.nextIntBetween(0, 2 ** 32), (n) => n.toString(16).padStart(8, "0"))

/** A new directory, by its real path, which goes when the scope closes. */
export const temporaryDirectory = Effect.gen(function* () {
  const disk = yield* Disk
  const parent = yield* disk.realPath(tmpdir())
  const path = joinPath(parent, `exlab-wizard-plugin-${yield* word}${yield* word}`)
  const remove = removeAtLast(Effect.provideService(removeTree(path), Disk, disk))
  const make = Effect.tapError(disk.makeDirectory(path), ({ errno }) =>
    errno === "EEXIST" ? Effect.void : remove,
  )
  yield* Effect.acquireRelease(make, () => remove)
  return path
}).pipe(Effect.retry({ times: 3, while: ({ errno }) => errno === "EEXIST" }))
