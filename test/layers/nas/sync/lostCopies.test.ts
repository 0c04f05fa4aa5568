import * as fs from "node:fs"
import { join, relative } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import * as QueuedNasSync from "../../../../layers/nas/QueuedNasSync.ts"
import { SyncGate } from "../../../../src/audit/SyncGate.ts"
import type { CleanupSettings } from "../../../../src/domain/SyncSettings.ts"
import { NasSync } from "../../../../src/ports/NasSync.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { treeOf } from "../../../contract/targetTrees.ts"
import { until } from "../../../support/world.ts"
import { inRealWorlds, jobOf, makeProject, makeRunWith, recordOf, untilState, write } from "./world.ts"

const cleansUp: CleanupSettings = {
  enabled: true,
  minVerifyPasses: 1,
  minAgeHours: 0,
  trashHours: 1,
  retainCache: true,
}

const initTarget = (replace = false) =>
  Effect.flatMap(SyncService, (service) => service.initTarget("DEMO_01", { replace }))

const data = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(treeOf(folder)).filter(([path]) => !path.startsWith(".exlab-wizard")))

/** A service with other settings than those of its world. */
const cleaning = <A, E, R>(start: Layer.Layer<A, E, R>, over: Partial<CleanupSettings>) =>
  Effect.map(Settings, (settings) =>
    Layer.provide(start, Settings.layer({ ...settings, nasCleanup: { ...cleansUp, ...over } })),
  )

const runAt = (second: number) =>
  makeRunWith({ templatePath: "plain_run", runDate: `2026-11-22T10:00:0${second}Z` })

/** A project and a run that was cleaned up; its data lie in the trash. Its path, and its data as they were. */
const cleanedRun = Effect.gen(function* () {
  yield* initTarget()
  yield* untilState(yield* makeProject, "verified")
  const run = yield* runAt(1)
  yield* untilState(run, "verified")
  const before = data(run)
  return { run, before }
})

const trashOf = (run: string): string => join(run, "../.exlab-wizard/trash")

describe("a target that isn't the one that was", () => {
  it.scopedLive(
    "is refused until somebody says that it takes the other's place; then all is copied again",
    () =>
      inRealWorlds({}, (root, start) =>
        Effect.gen(function* () {
          const { verify } = yield* SyncService
          const { run } = yield* cleanedRun
          const first = yield* initTarget()
          expect(first).toMatchObject({ queuedAgain: 0, leftBehind: 0 })
          fs.renameSync(join(root, "nas"), join(root, "old"))
          fs.mkdirSync(join(root, "nas"))
          const unmounted = yield* Effect.flip(initTarget())
          expect(unmounted.message).toContain("has no marker: is it mounted?")
          expect(fs.readdirSync(join(root, "nas"))).toEqual([])
          const away = yield* Effect.flip(verify(run))
          expect(away.message).toContain("init-target DEMO_01 --replace")
          const marker = { schema_version: "1.0", id: "somebody-elses", created_at: "2026-11-22T10:00:00Z" }
          fs.writeFileSync(join(root, "nas/.exlab-target.json"), JSON.stringify(marker))
          expect((yield* Effect.flip(initTarget())).message).toContain("what is there now is somebody-elses")
          fs.rmSync(join(root, "nas/.exlab-target.json"))
          const second = yield* initTarget(true)
          expect(second).toMatchObject({ queuedAgain: 2, leftBehind: 0 })
          expect(second.targetId).not.toBe(first.targetId)
          yield* untilState(run, "verified")
          expect(recordOf(run)["sync_status"]).toBe("synced")
          expect(data(join(root, "nas", relative(join(root, "local/DEMO_01"), run)))).toEqual(data(run))
          expect(yield* initTarget(true)).toEqual({ ...second, queuedAgain: 0 })
        }).pipe(Effect.provide(start)),
      ),
  )

  it.scopedLive(
    "leaves nothing that says it is verified on the former when it is taken and killed at once",
    () =>
      inRealWorlds({}, (root, start) =>
        Effect.gen(function* () {
          const queue = yield* SyncQueue
          const { run } = yield* Effect.provide(cleanedRun, start)
          const { id } = Option.getOrThrow(yield* queue.find(run))
          fs.renameSync(join(root, "nas"), join(root, "old"))
          fs.mkdirSync(join(root, "nas"))
          const former = yield* queue.targetId("DEMO_01")
          const verifiedMeanwhile = Effect.scoped(
            Effect.gen(function* () {
              const claim = Option.getOrThrow(yield* queue.claimJob(id, ["queued"]))
              const sent = yield* queue.move(yield* queue.move(claim, "running"), "awaiting_verify")
              yield* queue.release(sent, "verified")
            }),
          )
          const killed = Layer.succeed(SyncQueue, {
            ...queue,
            replaceTarget: (...args) =>
              Effect.orDie(verifiedMeanwhile).pipe(
                Effect.zipRight(queue.replaceTarget(...args)),
                Effect.zipRight(Effect.interrupt),
              ),
          })
          const taken = Layer.provide(
            QueuedNasSync.layerQueueOnly,
            Layer.provideMerge(SyncGate.layer, killed),
          )
          yield* Effect.exit(Effect.provide(initTarget(true), taken))
          expect(yield* queue.targetId("DEMO_01")).not.toEqual(former)
          expect(yield* queue.get(id)).toMatchObject({ value: { state: "queued" } })
        }),
      ),
  )

  it.scopedLive("isn't taken while a directory is being looked at", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const { run } = yield* cleanedRun
        fs.renameSync(join(root, "nas"), join(root, "old"))
        fs.mkdirSync(join(root, "nas"))
        const { id } = yield* jobOf(run)
        const held = yield* Effect.scoped(
          Effect.zipRight(queue.claimJob(id, ["verified"]), Effect.flip(initTarget(true))),
        )
        expect(held.message).toContain("1 of its directories are being compared")
        expect(fs.readdirSync(join(root, "nas"))).toEqual([])
        expect(yield* initTarget(true)).toMatchObject({ queuedAgain: 1 })
        yield* untilState(run, "verified")
      }).pipe(Effect.provide(start)),
    ),
  )
})

describe("a run that was cleaned up", () => {
  it.scopedLive("is compared with its copy by its checksums, and takes no data that come late", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { run } = yield* Effect.provide(cleanedRun, start)
        yield* Effect.gen(function* () {
          const { enqueue, initTarget, verify } = yield* SyncService
          yield* untilState(run, "cleaned")
          expect(data(run)).toEqual({})
          const whole = yield* verify(run)
          expect(whole).toMatchObject({ ok: true, missing: [], different: [], extra: [] })
          expect(whole.files).toBeGreaterThan(3)
          const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run))
          fs.rmSync(join(copy, "notes.txt"))
          fs.writeFileSync(join(copy, "raw/table.bin"), "spoilt")
          yield* write(join(run, "raw/late.raw"), "pixels")
          expect(yield* verify(run)).toMatchObject({
            ok: false,
            missing: ["notes.txt", "raw/late.raw"],
            different: ["raw/table.bin"],
          })
          const { remedy } = yield* verify(run)
          expect(remedy).toContain(
            "its copy is damaged: notes.txt, raw/table.bin. Its data are still in the trash",
          )
          expect(remedy).toContain("come back by themselves when it is due")
          expect(remedy).toContain("came after it was cleaned up: raw/late.raw. Give them a run of their own")
          expect((yield* Effect.flip(enqueue(run))).message).toContain("and for now in the trash")
          expect((yield* jobOf(run)).state).toBe("cleaned")
          expect((yield* Effect.flip(enqueue(run))).message).toContain(
            "came after it was cleaned up: raw/late.raw",
          )
          fs.rmSync(join(run, ".exlab-wizard/checksums.sha256"))
          expect((yield* Effect.flip(verify(run))).message).toContain("checksums.sha256")
          fs.renameSync(join(root, "nas"), join(root, "old"))
          fs.mkdirSync(join(root, "nas"))
          expect(yield* initTarget("DEMO_01", { replace: true })).toMatchObject({ leftBehind: 1 })
        }).pipe(Effect.provide(yield* cleaning(start, {})))
      }),
    ),
  )

  it.scopedLive("without its records goes only with a copy that has them as they are here", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { run } = yield* Effect.provide(cleanedRun, start)
        const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run))
        const record = ".exlab-wizard/creation.json"
        const noted = { ...recordOf(run), remark_of_a_person: "sample broke" }
        fs.writeFileSync(join(run, record), JSON.stringify(noted))
        fs.rmSync(join(copy, record))
        const cleans = yield* cleaning(start, { retainCache: false, trashHours: 0 })
        const isSent = Effect.sync(() => fs.existsSync(join(copy, record)))
        yield* Effect.provide(Effect.zipRight(until("sent", isSent), untilState(run, "verified")), cleans)
        expect(fs.existsSync(run)).toBe(true)
        const isGone = Effect.sync(() => !fs.existsSync(run) && !fs.existsSync(trashOf(run)))
        yield* Effect.provide(until("gone", isGone), cleans)
        expect(recordOf(copy)).toMatchObject({ remark_of_a_person: "sample broke" })
      }),
    ),
  )

  it.scopedLive("is only done again with a person's word when something keeps its data in the trash", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { before, run } = yield* Effect.provide(cleanedRun, start)
        yield* Effect.provide(untilState(run, "cleaned"), yield* cleaning(start, {}))
        const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run))
        fs.rmSync(join(copy, "raw/table.bin"))
        yield* write(join(run, "raw/table.bin"), "another")
        yield* Effect.gen(function* () {
          const { retry, verify } = yield* SyncService
          yield* untilState(run, "failed")
          const { id, reason } = yield* jobOf(run)
          expect((yield* Effect.flip(verify(run))).message).toContain(reason)
          expect(reason).toContain("come to the place of raw/table.bin: move one of each away, then retry")
          fs.rmSync(join(run, "raw/table.bin"))
          yield* retry(id)
          yield* untilState(run, "verified")
          expect(data(copy)).toEqual(before)
        }).pipe(Effect.provide(yield* cleaning(start, { trashHours: 0, minVerifyPasses: 2 })))
      }),
    ),
  )

  it.scopedLive("whose data are to come back waits for none of them", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const settings = yield* Settings
        const { before, run } = yield* Effect.provide(cleanedRun, start)
        yield* Effect.provide(untilState(run, "cleaned"), yield* cleaning(start, {}))
        const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run))
        fs.rmSync(join(copy, "raw/table.bin"))
        yield* write(join(run, "notes.txt"), "another")
        const waits = {
          syncWhen: "complete",
          completeness: { type: "sentinel_file", name: "notes.txt" },
        } as const
        const equipment = settings.equipment.map((one) => ({ ...one, ...waits }))
        const nasCleanup = { ...cleansUp, trashHours: 0, minVerifyPasses: 2 }
        const sync = { ...settings.sync, dataPollSeconds: 0.02 }
        const waiting = Settings.layer({ ...settings, equipment, nasCleanup, sync })
        yield* Effect.gen(function* () {
          const { enqueue } = yield* SyncService
          yield* untilState(run, "failed")
          fs.rmSync(join(run, "notes.txt"))
          yield* enqueue(run)
          yield* untilState(run, "verified")
          expect(data(run)).toEqual(before)
          expect(data(copy)).toEqual(before)
        }).pipe(Effect.provide(Layer.provide(start, waiting)))
      }),
    ),
  )

  it.scopedLive("has a whole copy also when a file of the same name comes late", () =>
    inRealWorlds({}, (_, start) =>
      Effect.gen(function* () {
        const { run } = yield* Effect.provide(cleanedRun, start)
        yield* Effect.gen(function* () {
          yield* untilState(run, "cleaned")
          yield* write(join(run, "raw/table.bin"), "another")
          const { verify } = yield* SyncService
          const { different, remedy } = yield* verify(run)
          expect(different).toEqual(["raw/table.bin"])
          expect(remedy).toContain("came after it was cleaned up: raw/table.bin")
          expect(remedy).not.toContain("damaged")
        }).pipe(Effect.provide(yield* cleaning(start, {})))
      }),
    ),
  )

  it.scopedLive("has its data back in no other run that has come to its place", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { run } = yield* Effect.provide(cleanedRun, start)
        yield* Effect.provide(untilState(run, "cleaned"), yield* cleaning(start, {}))
        const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run))
        fs.rmSync(join(copy, "raw/table.bin"))
        fs.rmSync(run, { recursive: true })
        expect(yield* Effect.provide(runAt(1), yield* cleaning(start, {}))).toBe(run)
        fs.rmSync(join(run, "raw"), { recursive: true })
        const other = data(run)
        yield* Effect.gen(function* () {
          yield* untilState(run, "failed")
          expect((yield* jobOf(run)).reason).toContain("another run has come to its place")
          expect(data(run)).toEqual(other)
        }).pipe(Effect.provide(yield* cleaning(start, { trashHours: 0, minVerifyPasses: 2 })))
      }),
    ),
  )

  it.scopedLive("without its records has a namesake told that its name is taken, and left out", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { before, run } = yield* Effect.provide(cleanedRun, start)
        yield* Effect.gen(function* () {
          yield* untilState(run, "cleaned")
          expect(yield* runAt(1)).toBe(run)
          const refused = yield* Effect.flip(
            Effect.flatMap(NasSync, (nas) => nas.enqueue({ path: run, level: "run" })),
          )
          expect(refused.message).toContain("a run of this name was cleaned up here")
          expect(recordOf(run)["sync_status"]).toBe("pending")
          expect(data(join(root, "nas", relative(join(root, "local/DEMO_01"), run)))).toEqual(before)
        }).pipe(Effect.provide(yield* cleaning(start, { retainCache: false })))
      }),
    ),
  )

  it.scopedLive("isn't taken for gone when a service starts before its data are back", () =>
    inRealWorlds({}, (_, start) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const { before, run } = yield* Effect.provide(cleanedRun, start)
        yield* Effect.provide(untilState(run, "cleaned"), yield* cleaning(start, { retainCache: false }))
        const { id } = Option.getOrThrow(yield* queue.find(run))
        yield* Effect.scoped(
          Effect.flatMap(Effect.map(queue.claimJob(id, ["cleaned"]), Option.getOrThrow), (claim) =>
            queue.release(claim, "queued", { reason: "its copy was lost" }),
          ),
        )
        const gone = `${run}-gone`
        yield* queue.enqueue({ path: gone, level: "run", equipmentId: "DEMO_01" }, "queued", "")
        yield* queue.pauseTarget({ equipmentId: "DEMO_01", reason: "full", since: 0, until: 9e15 })
        yield* Effect.gen(function* () {
          // Time to look for what is gone, before a worker may take it.
          yield* until(
            "reconciled",
            Effect.sync(() => true),
          )
          yield* queue.resumeTarget("DEMO_01")
          yield* untilState(run, "verified")
          expect(data(run)).toEqual(before)
        }).pipe(Effect.provide(yield* cleaning(start, { enabled: false })))
        const changes = yield* queue.history(id)
        expect(changes.map(({ to }) => to)).not.toContain("failed")
      }),
    ),
  )

  for (const retainCache of [true, false]) {
    const title = "has its data back, and is sent again, when its copy is lost before they went for good"
    it.scopedLive(`${title}${retainCache ? "" : ", without a folder that was kept"}`, () =>
      inRealWorlds({}, (root, start) =>
        Effect.gen(function* () {
          const ledger = yield* SyncLedger
          const { before, run } = yield* Effect.provide(cleanedRun, start)
          yield* Effect.provide(untilState(run, "cleaned"), yield* cleaning(start, { retainCache }))
          expect(fs.existsSync(run) ? data(run) : {}).toEqual({})
          // One, and what is noted of it.
          expect(fs.readdirSync(trashOf(run))).toHaveLength(2)
          const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run))
          fs.appendFileSync(join(copy, "raw/table.bin"), "spoilt")
          // Once more verified, it waits for its second pass.
          const patient = { retainCache, trashHours: 0, minVerifyPasses: 2 }
          yield* Effect.provide(untilState(run, "verified"), yield* cleaning(start, patient))
          expect(data(run)).toEqual(before)
          expect(data(copy)).toEqual(before)
          expect(recordOf(run)["sync_status"]).toBe("synced")
          expect(fs.existsSync(trashOf(run))).toBe(false)
          const queue = yield* SyncQueue
          const { id } = Option.getOrThrow(yield* queue.find(run))
          const steps = (yield* queue.history(id)).map(({ from, to }) => `${from ?? ""} → ${to}`)
          expect(steps).toContain("cleaned → queued")
          expect(yield* ledger.sealedBefore(Infinity)).toEqual([])
        }),
      ),
    )
  }
})

describe("a run that was removed by hand after it was synced", () => {
  it.scopedLive("isn't written over on the NAS by another one of its name", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { enqueue, retry, verify } = yield* SyncService
        const { run } = yield* cleanedRun
        yield* write(join(run, "raw/first.raw"), "pixels")
        yield* enqueue(run)
        yield* untilState(run, "verified")
        const copy = join(root, "nas", relative(join(root, "local/DEMO_01"), run))
        const before = treeOf(copy)
        fs.rmSync(run, { recursive: true })
        expect(yield* runAt(1)).toBe(run)
        yield* untilState(run, "failed")
        const { id, reason } = yield* jobOf(run)
        expect(reason).toContain("the NAS has another directory under its name")
        expect((yield* verify(run)).remedy).toBe(reason)
        expect(treeOf(copy)).toEqual(before)
        fs.renameSync(copy, `${copy}-first`)
        yield* retry(id)
        yield* untilState(run, "verified")
        expect(data(copy)).toEqual(data(run))
      }).pipe(Effect.provide(start)),
    ),
  )
})
