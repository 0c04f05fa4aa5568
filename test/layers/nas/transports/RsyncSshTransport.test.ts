import { Effect } from "effect"
import { guarded } from "../../../../layers/nas/transports/places.ts"
import { make } from "../../../../layers/nas/transports/RsyncSshTransport.ts"
import { folderRoom } from "../../../contract/targetRoom.ts"
import { targetTransportContract } from "../../../contract/targetTransport.ts"
import { counted } from "../../../support/counts.ts"
import { shared } from "../../../support/shared.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

describeWith(["rsync", "ssh", "sshd", "ssh-keygen"], "a target behind rsync and ssh", () => {
  const server = shared(sshServer())

  const room = Effect.gen(function* () {
    const root = `${yield* temporaryDirectory}/the 'share' $(x)`
    const { settings } = yield* server
    return folderRoom(guarded(make(settings, root, yield* toolbox())), root)
  })

  targetTransportContract(room, { many: 10_000, large: counted(2 ** 28, 2 ** 31), runs: 2 })
})
