import { Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { guarded } from "../../../../layers/nas/transports/places.ts"
import { make } from "../../../../layers/nas/transports/RcloneTransport.ts"
import { folderRoom, targetTransportContract } from "../../../contract/targetTransport.ts"
import { overSftp, remote, served } from "../../../support/rclone.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

const sftpRoom = Effect.gen(function* () {
  const folder = yield* temporaryDirectory
  const settings = yield* remote(overSftp(yield* sshServer()))
  const root = `${folder}/the share`
  const transport = yield* make(settings, root, yield* toolbox(), `${folder}/scratch`)
  return folderRoom(guarded(transport), root)
}).pipe(Effect.provide(NodeDisk.layer), Effect.orDie)

const webdavRoom = Effect.gen(function* () {
  const folder = yield* temporaryDirectory
  const settings = yield* remote(yield* served("webdav", `${folder}/served`))
  const transport = yield* make(settings, "the share", yield* toolbox(), `${folder}/scratch`)
  return folderRoom(guarded(transport), `${folder}/served/the share`)
}).pipe(Effect.provide(NodeDisk.layer), Effect.orDie)

/** rclone can't carry these. */
const unknownToRclone = /\u201B/

describeWith(["rclone", "sshd", "ssh-keygen"], "a target behind rclone and SFTP", () => {
  targetTransportContract(sftpRoom, { many: 200, large: null, runs: 2, without: unknownToRclone })
})

describeWith(["rclone"], "a target behind rclone and WebDAV", () => {
  // rclone as a server shows control characters by symbols, and calls the names with them by others then.
  const without = /\u201B|[\0-\x1f\x7f\u2400-\u2421]/
  targetTransportContract(webdavRoom, { many: 300, large: 2 ** 28, runs: 2, without })
})
