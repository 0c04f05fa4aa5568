import { statSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { guarded } from "../../../../layers/nas/transports/places.ts"
import { make } from "../../../../layers/nas/transports/RcloneTransport.ts"
import type { ParcelProgress } from "../../../../src/ports/SyncTransport.ts"
import { folderRoom } from "../../../contract/targetRoom.ts"
import { targetTransportContract } from "../../../contract/targetTransport.ts"
import { parcelOf, plant, treeOf } from "../../../contract/targetTrees.ts"
import { overSftp, remote, servedByWebDav } from "../../../support/rclone.ts"
import { counted } from "../../../support/counts.ts"
import { shared } from "../../../support/shared.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

/** rclone can't carry U+201B; control characters it shows by symbols on targets that know no better. */
const without = /\u201B|[\0-\x1f\x7f\u2400-\u2421]/

describeWith(["rclone", "sshd", "ssh-keygen"], "a target behind rclone and SFTP", () => {
  const server = shared(sshServer())

  const sftpRoom = Effect.gen(function* () {
    const folder = yield* temporaryDirectory
    const settings = yield* remote(overSftp(yield* server))
    const root = `${folder}/the share`
    const transport = yield* make(settings, root, yield* toolbox(), `${folder}/scratch`)
    return { ...folderRoom(guarded(transport), root), root }
  }).pipe(Effect.provide(NodeDisk.layer), Effect.orDie)

  targetTransportContract(sftpRoom, {
    many: counted(1000, 10_000),
    large: counted(2 ** 26, 2 ** 31),
    runs: 2,
    without,
  })

  it.scopedLive("names with control characters arrive, and are read back by these names", () =>
    Effect.gen(function* () {
      const { transport } = yield* sftpRoom
      const source = yield* temporaryDirectory
      plant(source, { "new\nline/x\r": "1", "\t␊": "2", "␀": "3", "ends\n": "4", "empty\n/": "" })
      yield* transport.writeMarker("the-target")
      const parcel = parcelOf(source, ".exlab-incoming/1")
      yield* transport.send(parcel, () => Effect.void)
      yield* transport.publish(parcel.to, "P/Run")
      const files = Object.entries(treeOf(source)).filter(([, what]) => what !== "folder")
      const found = yield* transport.digests(
        "P/Run",
        files.map(([path]) => path),
      )
      expect(found).toEqual(new Map(files))
    }),
  )

  it.scopedLive("a large file that is there already is sent again only when it is another one", () =>
    Effect.gen(function* () {
      const { flip, root, transport } = yield* sftpRoom
      const source = yield* temporaryDirectory
      plant(source, { same: "0123456789".repeat(10_000), damaged: "9876543210".repeat(10_000), small: "x" })
      yield* transport.writeMarker("the-target")
      const parcel = parcelOf(source, ".exlab-incoming/1")
      const copy = `${root}/${parcel.to}`
      const changedAt = () => statSync(`${copy}/same`, { bigint: true }).ctimeNs
      yield* transport.send(parcel, () => Effect.void)
      const before = changedAt()
      yield* flip(`${parcel.to}/damaged`)
      const reports: Array<ParcelProgress> = []
      yield* transport.send(parcel, (report) => Effect.sync(() => void reports.push(report)))
      expect(treeOf(copy)).toEqual(treeOf(source))
      expect(changedAt()).toBe(before)
      expect(reports.at(-1)).toMatchObject({ bytes: 200_001, files: 3 })
    }),
  )

  it.scopedLive("names that rclone can't carry are refused, each by its name", () =>
    Effect.gen(function* () {
      const { transport } = yield* sftpRoom
      const source = yield* temporaryDirectory
      plant(source, { "a\u201Bb": "1", c: "2" })
      yield* transport.writeMarker("the-target")
      const failure = yield* Effect.flip(
        transport.send(parcelOf(source, ".exlab-incoming/1"), () => Effect.void),
      )
      expect(failure.class).toBe("permanent")
      expect(failure.files).toEqual(["a\u201Bb"])
      expect(failure.reason).toContain(JSON.stringify("a\u201Bb"))
    }),
  )
})

describeWith(["rclone"], "a target behind rclone and WebDAV", () => {
  const served = shared(
    Effect.flatMap(temporaryDirectory, (folder) =>
      Effect.map(servedByWebDav(folder), (description) => ({ description, folder })),
    ),
  )

  const webdavRoom = Effect.gen(function* () {
    const { description, folder } = yield* served
    const scratch = yield* temporaryDirectory
    const root = `share ${crypto.randomUUID()}`
    const transport = yield* make(yield* remote(description), root, yield* toolbox(), scratch)
    return folderRoom(guarded(transport), `${folder}/${root}`)
  }).pipe(Effect.provide(NodeDisk.layer), Effect.orDie)

  targetTransportContract(webdavRoom, {
    many: counted(250, 10_000),
    large: counted(2 ** 26, 2 ** 31),
    runs: 2,
    without,
  })
})
