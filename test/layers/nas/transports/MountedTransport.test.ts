import { describe } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { make } from "../../../../layers/nas/transports/MountedTransport.ts"
import { guarded } from "../../../../layers/nas/transports/places.ts"
import { folderRoom } from "../../../contract/targetRoom.ts"
import { targetTransportContract } from "../../../contract/targetTransport.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

const room = Effect.gen(function* () {
  const root = `${yield* temporaryDirectory}/share`
  return folderRoom(guarded(yield* make(root, Duration.seconds(60))), root)
}).pipe(Effect.provide(NodeDisk.layer), Effect.orDie)

describe("a mounted target", () => {
  targetTransportContract(room, { many: 10_000, large: 2 ** 31, runs: 8 })
})
