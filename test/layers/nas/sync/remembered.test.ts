import * as fs from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { remote } from "../../../support/rclone.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { describeWith } from "../../../support/tools.ts"
import { copyOf, equipmentFor, expectSums } from "./realTargets.ts"
import { inRealWorlds, makeProject, makeRun, untilState } from "./world.ts"

/** Other bytes of the same length, and nothing that would show it. */
const spoil = (path: string): void => {
  const { atime, mtime, size } = fs.statSync(path)
  fs.writeFileSync(path, "x".repeat(size))
  fs.utimesSync(path, atime, mtime)
}

describeWith(["rclone", "sha256sum"], "a remote that remembers digests", () => {
  it.scopedLive("gets what was spoilt there again", () =>
    Effect.gen(function* () {
      const nasRoot = yield* temporaryDirectory
      const transport = yield* remote({ type: "hasher", remote: "/", hashes: "sha256", max_age: "off" })
      const there = { nasRoot, transport }
      yield* inRealWorlds({ equipment: equipmentFor(there) }, (root, start) =>
        Effect.gen(function* () {
          const { enqueue, initTarget, verify } = yield* SyncService
          yield* initTarget("DEMO_01")
          yield* untilState(yield* makeProject, "verified")
          const run = yield* makeRun
          yield* untilState(run, "verified")
          const copy = copyOf(there, root, run)
          spoil(join(copy, "notes.txt"))
          expect(yield* verify(run)).toMatchObject({ ok: false, different: ["notes.txt"] })
          yield* enqueue(run)
          yield* untilState(run, "verified")
          expectSums(copy)
        }).pipe(Effect.provide(start)),
      )
    }),
  )
})
