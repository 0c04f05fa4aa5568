import { appendFileSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { Behaviour, TransportScript } from "../../../../layers/nas/transports/ScriptedTransport.ts"
import type { Completeness } from "../../../../src/domain/SyncSettings.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { until } from "../../../support/world.ts"
import {
  append,
  inSyncWorld,
  inSyncWorlds,
  jobOf,
  makeProject,
  makeRun,
  recordOf,
  targetFiles,
  untilState,
  write,
} from "./world.ts"

const settings = { sync: { dataPollSeconds: 0.02 } }

const waitingWorld = (completeness: Completeness) => ({
  settings,
  equipment: { syncWhen: "complete", completeness } as const,
})

const untilReason = (run: string, text: string) =>
  until(
    text,
    Effect.map(jobOf(run), ({ reason }) => reason.includes(text)),
  )

const there = (name: string) =>
  Effect.map(targetFiles, (files) => [...files].find(([path]) => path.endsWith(`/${name}`))?.[1])

describe("a run whose data come after it was created", () => {
  it.scopedLive("waits for its sentinel file, and for its files to rest after it", () =>
    inSyncWorld(waitingWorld({ type: "sentinel_file", name: "data/DONE" }), () =>
      Effect.gen(function* () {
        // A project has no data of an instrument: it goes at once.
        yield* untilState(yield* makeProject, "verified")
        const run = yield* makeRun
        yield* untilReason(run, "waits for the file data/DONE")
        yield* write(join(run, "data/a.raw"), "first")
        yield* write(join(run, "data/DONE"), "")
        yield* untilState(run, "verified")
        expect(yield* there("data/a.raw")).toBe("first")
        expect(recordOf(run)["sync_status"]).toBe("synced")
      }),
    ),
  )

  it.scopedLive("is complete when all that its manifest lists is there in that size", () =>
    inSyncWorld(waitingWorld({ type: "manifest", name: "manifest.json" }), () =>
      Effect.gen(function* () {
        yield* makeProject
        const run = yield* makeRun
        yield* untilReason(run, "waits for the manifest manifest.json")
        yield* write(join(run, "manifest.json"), `{"files": 1}`)
        yield* untilReason(run, "to be a JSON list")
        yield* write(
          join(run, "manifest.json"),
          `[{"path": "a.raw", "size": 4}, {"path": "b/c.raw", "size": 1}]`,
        )
        yield* write(join(run, "a.raw"), "abc")
        yield* untilReason(run, "2 of 2 files of manifest.json, such as a.raw")
        yield* append(join(run, "a.raw"), "d")
        yield* untilReason(run, "1 of 2 files of manifest.json, such as b/c.raw")
        yield* write(join(run, "b/c.raw"), "x")
        yield* untilState(run, "verified")
        expect(yield* there("a.raw")).toBe("abcd")
      }),
    ),
  )

  it.scopedLive("is complete when nothing has changed for the time that is set", () =>
    inSyncWorld(waitingWorld({ type: "quiet", minutes: 0.02 }), () =>
      Effect.gen(function* () {
        yield* makeProject
        const run = yield* makeRun
        yield* untilReason(run, "more seconds without a change")
        // Times that anybody may set don't count: the file has changed just now.
        yield* write(join(run, "late.raw"), "late")
        yield* Effect.sync(() => utimesSync(join(run, "late.raw"), 1, 1))
        yield* untilState(run, "verified")
        expect(yield* there("late.raw")).toBe("late")
      }),
    ),
  )

  it.scopedLive("isn't synced while it still grows behind a sentinel that came too early", () =>
    inSyncWorld(waitingWorld({ type: "sentinel_file", name: "DONE" }), () =>
      Effect.gen(function* () {
        const { script } = yield* TransportScript
        yield* untilState(yield* makeProject, "verified")
        const run = yield* makeRun
        yield* write(join(run, "data.raw"), "begin")
        // While its bytes are on their way the instrument writes on, three times.
        let left = 3
        yield* Ref.set(script, ({ method }) => {
          if (method === "send" && left > 0) {
            left -= 1
            appendFileSync(join(run, "data.raw"), "+")
          }
          return Behaviour.Works()
        })
        yield* write(join(run, "DONE"), "")
        const { retry } = yield* SyncService
        yield* until(
          "verified in the end",
          Effect.gen(function* () {
            const job = yield* jobOf(run)
            if (job.state !== "verified") {
              yield* Effect.ignore(retry(job.id))
            }
            return job.state === "verified"
          }),
        )
        expect(yield* there("data.raw")).toBe("begin+++")
        expect(recordOf(run)["sync_status"]).toBe("synced")
      }),
    ),
  )

  it.scopedLive("fails, with its reason, when its directory goes away while it waits", () =>
    inSyncWorld(waitingWorld({ type: "sentinel_file", name: "DONE" }), () =>
      Effect.gen(function* () {
        yield* makeProject
        const run = yield* makeRun
        yield* untilReason(run, "waits for the file DONE")
        yield* Effect.promise(async () => {
          const { rm } = await import("node:fs/promises")
          await rm(run, { recursive: true })
        })
        yield* untilState(run, "failed")
        expect((yield* jobOf(run)).reason).toBe("the directory is gone")
      }),
    ),
  )

  it.scopedLive("is looked at to the end, also when that takes longer than a lease", () =>
    inSyncWorlds(
      {
        settings: { sync: { dataPollSeconds: 0.02, leaseSeconds: 0.1 } },
        equipment: { syncWhen: "complete", completeness: { type: "sentinel_file", name: "DONE" } },
      },
      (_, start) =>
        Effect.gen(function* () {
          const disk = yield* Disk
          const slow = Layer.succeed(Disk, {
            ...disk,
            list: (path, options) =>
              path.endsWith("/slow")
                ? Effect.delay(disk.list(path, options), "200 millis")
                : disk.list(path, options),
          })
          yield* Effect.gen(function* () {
            yield* Effect.flatMap(SyncService, ({ initTarget }) => initTarget("DEMO_01"))
            yield* makeProject
            const run = yield* makeRun
            yield* write(join(run, "slow/a.raw"), "first")
            yield* write(join(run, "DONE"), "")
            yield* untilState(run, "verified")
          }).pipe(Effect.provide(Layer.provide(start, slow)))
        }),
    ),
  )
})
