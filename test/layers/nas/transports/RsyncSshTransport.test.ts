import { Effect } from "effect"
import { guarded } from "../../../../layers/nas/transports/places.ts"
import { make } from "../../../../layers/nas/transports/RsyncSshTransport.ts"
import { folderRoom } from "../../../contract/targetRoom.ts"
import { targetTransportContract } from "../../../contract/targetTransport.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

const room = Effect.gen(function* () {
  const root = `${yield* temporaryDirectory}/the 'share' $(x)`
  const { settings } = yield* sshServer()
  return folderRoom(guarded(make(settings, root, yield* toolbox())), root)
})

describeWith(["rsync", "ssh", "sshd", "ssh-keygen"], "a target behind rsync and ssh", () => {
  targetTransportContract(room, { many: 10_000, large: 2 ** 30, runs: 2 })
})
