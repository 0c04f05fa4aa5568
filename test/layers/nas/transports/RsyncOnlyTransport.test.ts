import { Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { guarded } from "../../../../layers/nas/transports/places.ts"
import { make } from "../../../../layers/nas/transports/RsyncOnlyTransport.ts"
import { folderRoom } from "../../../contract/targetRoom.ts"
import { targetTransportContract } from "../../../contract/targetTransport.ts"
import { counted } from "../../../support/counts.ts"
import { onlyRsync } from "../../../support/onlyRsync.ts"
import { shared } from "../../../support/shared.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

describeWith(["rsync", "ssh", "sshd", "ssh-keygen"], "a target behind an account without a shell", () => {
  const server = shared(sshServer(onlyRsync))

  const room = Effect.gen(function* () {
    const folder = yield* temporaryDirectory
    const root = `${folder}/the share`
    const { settings } = yield* server
    return folderRoom(guarded(yield* make(settings, root, yield* toolbox(), `${folder}/scratch`)), root)
  }).pipe(Effect.provide(NodeDisk.layer), Effect.orDie)

  targetTransportContract(room, { many: counted(1000, 10_000), large: counted(2 ** 28, 2 ** 31), runs: 2 })
})
