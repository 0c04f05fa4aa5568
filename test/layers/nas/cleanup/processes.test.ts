import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect, Logger, LogLevel, Option } from "effect"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { forkProgram } from "../../../support/childProcess.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { fileWorld } from "./fileWorld.ts"
import {
  attempt,
  data,
  dataBelow,
  equipmentId,
  jobFor,
  makeRun,
  runIn,
  statusOf,
  trashed,
  verify,
} from "./support.ts"

/** A clean-up in a process that is killed after its k-th change, if it makes so many. */
const killedAt = (root: string, k: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      fs.mkdirSync(`${root}/local/${equipmentId}/.exlab-wizard`, { recursive: true })
      makeRun(runIn(root))
      const { id } = yield* jobFor(runIn(root))
      yield* verify(id, runIn(root))
      const program = new URL("./programs/cleaner.ts", import.meta.url)
      const child = yield* forkProgram(program, [root, id, String(k)])
      const { signal } = yield* child.ended
      return { id, killed: signal === "SIGKILL" }
    }),
  )

/** Every file is in its place or in the trash, never in both, and whole. */
const expectNothingLost = (root: string) => {
  const here = dataBelow(runIn(root))
  const away = dataBelow(trashed(root) ?? "/nowhere")
  expect({ ...here, ...away }).toEqual(data)
  expect(Object.keys(here).length + Object.keys(away).length).toBe(Object.keys(data).length)
}

const afterAKill = (k: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      return yield* Effect.gen(function* () {
        const queue = yield* SyncQueue
        const { id, killed } = yield* killedAt(root, k)
        if (!killed) return false
        expectNothingLost(root)
        yield* queue.recover
        const job = Option.getOrThrow(yield* queue.get(id))
        if (job.state !== "cleaned") expect(yield* attempt(id)).toMatchObject({ _tag: "CleanedUp" })
        expect(dataBelow(trashed(root) ?? "")).toEqual(data)
        expect(fs.readdirSync(runIn(root))).toEqual([".exlab-wizard"])
        expect(statusOf(runIn(root))).toBe("cleaned")
        expect(yield* queue.get(id)).toMatchObject({ value: { state: "cleaned" } })
        return true
      }).pipe(Effect.provide(fileWorld(root)))
    }),
  )

it.live(
  "a clean-up that is killed after any change loses nothing, and the next process finishes it",
  () =>
    Effect.gen(function* () {
      const kills = yield* Effect.iterate(
        { k: 0, more: true },
        {
          while: ({ more }) => more,
          body: ({ k }) => Effect.map(afterAKill(k), (more) => ({ k: k + 1, more })),
        },
      )
      expect(kills.k).toBeGreaterThan(7)
    }).pipe(Logger.withMinimumLogLevel(LogLevel.None)),
  180_000,
)
