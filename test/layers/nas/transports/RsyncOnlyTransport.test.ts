import * as fs from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { guarded } from "../../../../layers/nas/transports/places.ts"
import { make } from "../../../../layers/nas/transports/RsyncOnlyTransport.ts"
import { folderRoom } from "../../../contract/targetRoom.ts"
import { targetTransportContract } from "../../../contract/targetTransport.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

/** An account that runs rsync as a server, and nothing else. */
const onlyRsync = (folder: string): ReadonlyArray<string> => {
  const script = join(folder, "only-rsync")
  fs.writeFileSync(
    script,
    '#!/bin/sh\ncase "$SSH_ORIGINAL_COMMAND" in "rsync --server "*) exec $SSH_ORIGINAL_COMMAND;; esac\nexit 1\n',
    { mode: 0o755 },
  )
  return [`ForceCommand ${script}`]
}

const room = Effect.gen(function* () {
  const folder = yield* temporaryDirectory
  const root = `${folder}/the share`
  const { settings } = yield* sshServer(onlyRsync)
  return folderRoom(guarded(yield* make(settings, root, yield* toolbox(), `${folder}/scratch`)), root)
}).pipe(Effect.provide(NodeDisk.layer), Effect.orDie)

describeWith(["rsync", "ssh", "sshd", "ssh-keygen"], "a target behind an account without a shell", () => {
  targetTransportContract(room, { many: 1000, large: 2 ** 28, runs: 2 })
})
