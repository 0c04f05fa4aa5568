import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Rclone from "../../../../../layers/nas/transports/rclone/Rclone.ts"
import { temporaryDirectory } from "../../../../support/temporaryDirectory.ts"
import { toolbox } from "../../../../support/tools.ts"

it.scoped("what a remote can do is asked once a minute, and again after no answer", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryDirectory
    const [asked, broken] = [join(folder, "asked"), join(folder, "broken")]
    const script = `#!/bin/sh\necho >>'${asked}'\n[ -e '${broken}' ] && exit 1\necho '{"Hashes":["sha256"],"Features":{}}'\n`
    writeFileSync(join(folder, "rclone"), script, { mode: 0o755 })
    const tools = yield* toolbox({ PATH: `${folder}:${process.env["PATH"]}` })
    const { features } = yield* Rclone.make(
      { type: "rclone", remote: "nas", configFile: null, uploadMbps: null, schedule: [] },
      "",
      tools,
    )
    const times = () => (existsSync(asked) ? readFileSync(asked, "utf8").length : 0)
    writeFileSync(broken, "")
    yield* Effect.flip(features)
    yield* Effect.flip(features)
    expect(times()).toBe(2)
    rmSync(broken)
    const answer = yield* features
    expect(answer.hashes).toEqual(["sha256"])
    yield* TestClock.adjust("59 seconds")
    expect(yield* features).toEqual(answer)
    expect(times()).toBe(3)
    yield* TestClock.adjust("1 second")
    yield* features
    expect(times()).toBe(4)
  }),
)
