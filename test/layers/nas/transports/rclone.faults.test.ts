import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { make } from "../../../../layers/nas/transports/RcloneTransport.ts"
import type { ParcelProgress } from "../../../../src/ports/SyncTransport.ts"
import { classOf } from "../../../contract/targetRoom.ts"
import { parcelOf, plant, treeOf } from "../../../contract/targetTrees.ts"
import { processesAround } from "../../../support/leftProcesses.ts"
import { overSftp, remote } from "../../../support/rclone.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

const quiet = () => Effect.void

const place = Effect.gen(function* () {
  const server = yield* sshServer()
  const settings = yield* remote(overSftp(server))
  const folder = yield* temporaryDirectory
  const [root, source] = [join(folder, "share"), join(folder, "source")]
  fs.mkdirSync(root)
  fs.writeFileSync(join(root, ".exlab-target.json"), '{"schema_version":"1.0","id":"x","created_at":""}')
  plant(source, { large: "0123456789".repeat(200_000), small: "x" })
  const transportWith = (variables: NodeJS.ProcessEnv = process.env) =>
    Effect.flatMap(toolbox(variables), (tools) => make(settings, root, tools, join(folder, "scratch")))
  const transport = yield* transportWith()
  return {
    parcel: parcelOf(source, ".exlab-incoming/1"),
    root,
    server,
    settings,
    source,
    transport,
    transportWith,
  }
})

describeWith(["rclone", "sshd", "ssh-keygen"], "faults on the way to a target behind rclone", () => {
  it.scopedLive("an rclone server that is gone passes; when it is back, everything goes on", () =>
    Effect.gen(function* () {
      const { parcel, root, server, source, transport } = yield* place
      yield* server.kill
      expect(yield* classOf(transport.readMarker)).toBe("transient")
      yield* server.again
      yield* transport.send(parcel, quiet)
      expect(treeOf(join(root, parcel.to))).toEqual(treeOf(source))
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive("a key or a host's key that rclone refuses needs a person", () =>
    Effect.gen(function* () {
      const { server, transport } = yield* place
      fs.writeFileSync(join(server.folder, "authorized"), "")
      expect(yield* classOf(transport.readMarker)).toBe("permanent")
      fs.writeFileSync(server.settings.knownHostsFile ?? "", "")
      expect(yield* classOf(transport.readMarker)).toBe("permanent")
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive("an rclone that isn't installed, or doesn't know the remote, needs a person", () =>
    Effect.gen(function* () {
      const { settings, transport, transportWith } = yield* place
      const without = yield* transportWith({ PATH: "/nonexistent" })
      const failure = yield* Effect.flip(without.check)
      expect(failure.class).toBe("permanent")
      expect(failure.reason).toContain("package rclone")
      fs.writeFileSync(settings.configFile ?? "", "")
      expect(yield* classOf(transport.readMarker)).toBe("permanent")
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive("an rclone that is interrupted leaves no process, and the next transfer is whole", () =>
    Effect.gen(function* () {
      const { parcel, root, settings, source, transport } = yield* place
      const begun = yield* Deferred.make<void>()
      const slow = { ...parcel, bytesPerSecond: 100_000 }
      const report = ({ bytes }: ParcelProgress) =>
        bytes > 1000 ? Deferred.succeed(begun, undefined) : Effect.void
      const sending = yield* Effect.fork(transport.send(slow, report))
      yield* Deferred.await(begun)
      expect(processesAround(settings.configFile ?? "", []).length).toBeGreaterThan(0)
      yield* Fiber.interrupt(sending)
      expect(processesAround(settings.configFile ?? "", [])).toEqual([])
      yield* transport.send(parcel, quiet)
      expect(treeOf(join(root, parcel.to))).toEqual(treeOf(source))
    }).pipe(Effect.provide(NodeDisk.layer)),
  )
})
