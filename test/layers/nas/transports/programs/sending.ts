import { Duration, Effect } from "effect"
import * as NodeDisk from "../../../../../layers/disk/NodeDisk.ts"
import { make } from "../../../../../layers/nas/transports/RsyncSshTransport.ts"
import * as Toolbox from "../../../../../layers/nas/transports/tools/Toolbox.ts"
import type { SshSettings } from "../../../../../layers/nas/transports/rsync/ssh.ts"
import { parcelOf } from "../../../../contract/targetTrees.ts"

/** Sends a folder slowly, and says so as soon as bytes are on their way. */
const [settings = "", root = "", source = ""] = process.argv.slice(2)

const parsed: SshSettings = JSON.parse(settings)

await Effect.runPromise(
  Effect.gen(function* () {
    const toolbox = yield* Toolbox.make(process.env, Duration.minutes(1))
    const parcel = { ...parcelOf(source, ".exlab-incoming/1"), bytesPerSecond: 200_000 }
    yield* make(parsed, root, toolbox).send(parcel, () => Effect.sync(() => process.send?.("sending")))
  }).pipe(Effect.provide(NodeDisk.layer)),
)
