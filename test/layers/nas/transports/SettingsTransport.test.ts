import * as fs from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../../layers/EmbeddedSettings.ts"
import { layer } from "../../../../layers/nas/transports/SettingsTransport.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { SyncTransport } from "../../../../src/ports/SyncTransport.ts"
import { classOf } from "../../../contract/targetRoom.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

const pace = { uploadMbps: null, schedule: [] } as const

describe("transports as the settings say them", () => {
  it.scopedLive("each equipment has its own, and none where nothing is said", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryDirectory
      const left = join(folder, "state/transports/left")
      fs.mkdirSync(left, { recursive: true })
      // The process that started this one works beside it.
      const inUse = join(folder, "state/transports", String(process.ppid), "work")
      fs.mkdirSync(inUse, { recursive: true })
      const ssh = {
        type: "rsync_ssh",
        host: "127.0.0.1",
        port: 1,
        user: null,
        identityFile: null,
        knownHostsFile: null,
        ...pace,
      } as const
      const one = (id: string) => ({ id, label: id, nasRoot: `${folder}/nas/` })
      const settings = withDefaults({
        paths: { stateDir: join(folder, "state") },
        equipment: [
          one("NONE"),
          { ...one("MOUNTED"), transport: { type: "mounted", ...pace } },
          { ...one("SHELL"), transport: { ...ssh, hasShell: true } },
          { ...one("ONLY"), transport: { ...ssh, hasShell: false } },
          { ...one("RCLONE"), transport: { type: "rclone", remote: "x", configFile: null, ...pace } },
        ],
      })
      const { of } = yield* Effect.provide(
        SyncTransport,
        Layer.provide(layer, [NodeDisk.layer, Settings.layer(settings)]),
      )
      expect(of("NONE")).toEqual(Option.none())
      expect(of("OTHER")).toEqual(Option.none())
      const renames = ["MOUNTED", "SHELL", "ONLY", "RCLONE"].map(
        (id) => Option.getOrThrow(of(id)).publishesByRename,
      )
      expect(renames).toEqual([true, true, true, false])
      const mounted = Option.getOrThrow(of("MOUNTED"))
      yield* mounted.writeMarker("id")
      expect(fs.readdirSync(join(folder, "nas"))).toEqual([".exlab-target.json"])
      expect(yield* classOf(mounted.exists("../x"))).toBe("permanent")
      expect(fs.existsSync(left)).toBe(false)
      expect(fs.existsSync(inUse)).toBe(true)
    }),
  )
})
