import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { make } from "../../../../layers/nas/transports/RsyncSshTransport.ts"
import { shared } from "../../../support/shared.ts"
import { sshServer } from "../../../support/sshd.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith, toolbox } from "../../../support/tools.ts"

describeWith(["rsync", "ssh", "sshd", "ssh-keygen"], "a target behind rsync and ssh", () => {
  const server = shared(sshServer())

  it.scopedLive("whose marker can't be read isn't one without a marker", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const { settings } = yield* server
      const transport = make(settings, root, yield* toolbox())
      const marker = `${root}/.exlab-target.json`
      fs.writeFileSync(marker, JSON.stringify({ schema_version: "2.0", id: "of-a-newer-version" }))
      const found = yield* Effect.either(transport.readMarker)
      expect(found).toMatchObject({ _tag: "Left", left: { class: "target_away" } })
    }),
  )

  it.scopedLive("that isn't there yet has no marker", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const { settings } = yield* server
      const transport = make(settings, `${root}/new`, yield* toolbox())
      expect((yield* transport.readMarker)._tag).toBe("None")
    }),
  )
})
