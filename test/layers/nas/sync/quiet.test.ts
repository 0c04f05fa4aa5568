import { statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { arrivalOf } from "../../../../layers/nas/sync/completeness.ts"
import { listTree } from "../../../../layers/nas/sync/localTree.ts"
import { withSetClock } from "../../../support/setClock.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

const day = 86_400_000
const quiet = { type: "quiet", minutes: 5 } as const

it.scoped("nothing is quiet sooner, nor never, because the clock was set", () =>
  withSetClock((set) =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      writeFileSync(join(root, "data.raw"), "data")
      yield* TestClock.setTime(Math.ceil(statSync(join(root, "data.raw")).ctimeMs) + 1000)
      const tree = yield* listTree(root, "run")
      const isQuiet = (seconds = 0) =>
        Effect.map(arrivalOf(root, quiet, tree, seconds * 1000), ({ complete }) => complete)
      set(3 * day)
      expect(yield* isQuiet()).toBe(false)
      set(-3 * day)
      expect([yield* isQuiet(), yield* isQuiet(299), yield* isQuiet(300)]).toEqual([false, false, true])
      set(0)
      expect(yield* isQuiet()).toBe(false)
      yield* TestClock.adjust("5 minutes")
      expect(yield* isQuiet()).toBe(true)
    }).pipe(Effect.provide(NodeDisk.layer)),
  ),
)
