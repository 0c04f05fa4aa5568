import * as fs from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { adapters } from "../../../../layers/Embedded.ts"
import type { PartialSettings } from "../../../../layers/EmbeddedSettings.ts"
import { withDefaults } from "../../../../layers/EmbeddedSettings.ts"
import { overlapOf } from "../../../../layers/nas/transports/mounted/apart.ts"
import { layer as settingsTransport } from "../../../../layers/nas/transports/SettingsTransport.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { SyncTransport } from "../../../../src/ports/SyncTransport.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

/** Links and folders below a root: `local` is the local root, `nas` what is set for the target. */
const layouts: Readonly<
  Record<string, readonly [build: (root: string) => void, nas: string, apart: boolean]>
> = {
  "a folder of its own": [() => {}, "nas", true],
  "a folder of its own, behind a link": [
    (root) => {
      fs.mkdirSync(join(root, "share"))
      fs.symlinkSync(join(root, "share"), join(root, "nas"))
    },
    "nas/CONFOCAL",
    true,
  ],
  "a folder whose name only begins like the local root's": [() => {}, "local-nas", true],
  "a link to the local root": [
    (root) => fs.symlinkSync(join(root, "local"), join(root, "nas")),
    "nas",
    false,
  ],
  "a place to be made below a link into the local root": [
    (root) => {
      fs.mkdirSync(join(root, "local/DEMO_01"))
      fs.symlinkSync(join(root, "local/DEMO_01"), join(root, "nas"))
    },
    "nas/not/yet",
    false,
  ],
  "a folder that holds the local root, behind a link": [
    (root) => fs.symlinkSync(root, join(root, "around")),
    "around",
    false,
  ],
}

const settingsFor = (root: string, nas: string): PartialSettings => ({
  paths: { localRoot: join(root, "local"), stateDir: join(root, "state") },
  equipment: [
    {
      id: "DEMO_01",
      label: "Demonstration",
      nasRoot: join(root, nas),
      transport: { type: "mounted", uploadMbps: null, schedule: [] },
    },
  ],
})

describe("a mounted target", () => {
  for (const [what, [build, nas, apart]] of Object.entries(layouts)) {
    it.scopedLive(`that is ${what} is ${apart ? "used" : "refused at set-up and at start-up"}`, () =>
      Effect.gen(function* () {
        const root = yield* temporaryDirectory
        fs.mkdirSync(join(root, "local"))
        build(root)
        const settings = settingsFor(root, nas)
        const { of } = yield* Effect.provide(
          SyncTransport,
          Layer.provide(settingsTransport, [NodeDisk.layer, Settings.layer(withDefaults(settings))]),
        )
        const checked = yield* Effect.either(Option.getOrThrow(of("DEMO_01")).check)
        const started = yield* Effect.exit(Layer.build(adapters(settings)))
        expect([checked._tag, started._tag]).toEqual(apart ? ["Right", "Success"] : ["Left", "Failure"])
        if (apart) return
        expect(checked).toMatchObject({ left: { class: "permanent" } })
        const [refusal] = Exit.isFailure(started) ? [String(started.cause)] : [""]
        for (const text of [String(checked), refusal]) {
          expect(text).toContain(join(root, nas))
          expect(text).toContain(`the local root ${join(root, "local")}`)
        }
        expect(refusal).toContain("SettingsInvalid")
        expect(fs.existsSync(join(root, nas, ".exlab-target.json"))).toBe(false)
      }),
    )
  }

  it.scopedLive("that became the local root by a link that was changed is found at the next use", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      for (const name of ["local", "share"]) fs.mkdirSync(join(root, name))
      fs.symlinkSync(join(root, "share"), join(root, "nas"))
      const overlap = overlapOf(join(root, "nas"), join(root, "local"))
      expect(yield* overlap).toBe(null)
      fs.rmSync(join(root, "nas"))
      fs.symlinkSync(join(root, "local"), join(root, "nas"))
      expect(yield* overlap).toContain(`(really ${join(root, "local")})`)
    }).pipe(Effect.provide(NodeDisk.layer)),
  )
})
