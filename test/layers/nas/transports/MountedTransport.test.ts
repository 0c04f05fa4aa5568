import * as fs from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { make } from "../../../../layers/nas/transports/MountedTransport.ts"
import { guarded } from "../../../../layers/nas/transports/places.ts"
import { final, folderRoom, waiting } from "../../../contract/targetRoom.ts"
import { targetTransportContract } from "../../../contract/targetTransport.ts"
import { parcelOf, treeOf } from "../../../contract/targetTrees.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

const room = Effect.gen(function* () {
  const root = `${yield* temporaryDirectory}/share`
  return { ...folderRoom(guarded(yield* make(root, Duration.seconds(60))), root), root }
}).pipe(Effect.provide(NodeDisk.layer), Effect.orDie)

describe("a mounted target", () => {
  targetTransportContract(room, { many: 10_000, large: 2 ** 31, runs: 8 })

  const planted: Readonly<Record<string, (root: string, outside: string) => void>> = {
    "the project's folder": (root, outside) => fs.symlinkSync(outside, `${root}/PROJ-0001`),
    "the folder of what is gathered": (root, outside) => {
      fs.renameSync(`${root}/.exlab-incoming`, `${outside}/incoming`)
      fs.symlinkSync(`${outside}/incoming`, `${root}/.exlab-incoming`)
    },
    "a job's folder": (root, outside) => {
      fs.renameSync(`${root}/.exlab-incoming/job-1`, `${outside}/job-1`)
      fs.symlinkSync(`${outside}/job-1`, `${root}/.exlab-incoming/job-1`)
    },
  }

  for (const [what, plant] of Object.entries(planted)) {
    it.scopedLive(`where ${what} is a link, nothing is moved or removed through it`, () =>
      Effect.gen(function* () {
        const [source, outside] = yield* Effect.all([temporaryDirectory, temporaryDirectory])
        const { root, transport } = yield* room
        yield* transport.writeMarker("the-target")
        fs.writeFileSync(`${source}/a`, "1")
        yield* transport.send(parcelOf(source, waiting), () => Effect.void)
        fs.writeFileSync(`${outside}/other`, "other")
        plant(root, outside)
        const before = treeOf(outside)
        yield* Effect.ignore(transport.publish(waiting, final))
        yield* Effect.ignore(transport.remove(waiting, [{ path: "a", isFolder: false }]))
        if (what !== "a job's folder") yield* Effect.ignore(transport.discard(waiting))
        expect(treeOf(outside)).toEqual(before)
      }),
    )
  }
})
