import * as fs from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import * as MountedTransport from "../../../../layers/nas/transports/MountedTransport.ts"
import { DiskError } from "../../../../src/domain/Errors.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

const digestsOn = (root: string) =>
  Effect.flatMap(MountedTransport.make(root, Duration.minutes(1)), ({ digests }) =>
    Effect.flip(digests("P", ["raw/a"])),
  )

const planted = Effect.tap(temporaryDirectory, (root) =>
  Effect.sync(() => {
    fs.mkdirSync(`${root}/P/raw`, { recursive: true })
    fs.writeFileSync(`${root}/P/raw/a`, "x")
  }),
)

describe("a mounted target that is read back", () => {
  it.scoped("isn't asked through a folder that is a link", () =>
    Effect.gen(function* () {
      const root = yield* planted
      fs.renameSync(`${root}/P/raw`, `${root}/here`)
      fs.symlinkSync(`${root}/here`, `${root}/P/raw`)
      expect(yield* digestsOn(root)).toMatchObject({ class: "permanent" })
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scoped("isn't away because of one file that can't be read", () =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const spoilt = Layer.succeed(Disk, {
        ...disk,
        hashFile: (path: string) => new DiskError({ path, op: "read", errno: "EIO" }),
      })
      const failure = yield* Effect.provide(digestsOn(yield* planted), spoilt)
      expect(failure).toMatchObject({ class: "transient", files: ["raw/a"] })
    }).pipe(Effect.provide(NodeDisk.layer)),
  )
})
