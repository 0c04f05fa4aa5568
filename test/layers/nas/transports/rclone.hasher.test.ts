import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import * as RcloneTransport from "../../../../layers/nas/transports/RcloneTransport.ts"
import { remote } from "../../../support/rclone.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

describeWith(["rclone"], "a remote that remembers digests", () => {
  it.scopedLive("is read back all the same", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const settings = yield* remote({ type: "hasher", remote: root, hashes: "sha256", max_age: "off" })
      const transport = yield* RcloneTransport.make(settings, "", yield* toolbox(), `${root}-scratch`)
      const source = yield* temporaryDirectory
      fs.writeFileSync(`${source}/a.bin`, "AAAA")
      yield* transport.writeMarker("the-target")
      const parcel = { source, files: [{ path: "a.bin", size: 4 }], directories: [], bytesPerSecond: null }
      yield* transport.send({ ...parcel, to: ".exlab-incoming/1" }, () => Effect.void)
      yield* transport.publish(".exlab-incoming/1", "P")
      const before = yield* transport.digests("P", ["a.bin"])
      execFileSync("touch", ["-r", `${root}/P/a.bin`, `${source}/when`])
      fs.writeFileSync(`${root}/P/a.bin`, "BBBB")
      execFileSync("touch", ["-r", `${source}/when`, `${root}/P/a.bin`])
      expect(yield* transport.digests("P", ["a.bin"])).not.toEqual(before)
    }).pipe(Effect.provide(NodeDisk.layer)),
  )
})
