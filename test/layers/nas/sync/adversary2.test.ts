import * as fs from "node:fs"
import { join, relative } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Layer, Option, Ref, TestClock } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import * as MountedTransport from "../../../../layers/nas/transports/MountedTransport.ts"
import * as SettingsTransport from "../../../../layers/nas/transports/SettingsTransport.ts"
import type { CleanupSettings } from "../../../../src/domain/SyncSettings.ts"
import { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { SyncTransport, type TargetTransport } from "../../../../src/ports/SyncTransport.ts"
import { treeOf } from "../../../contract/targetTrees.ts"
import { withSetClock } from "../../../support/setClock.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { until } from "../../../support/world.ts"
import { inRealWorlds, jobOf, makeProject, makeRunWith, recordOf, untilState } from "./world.ts"

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
  fs.existsSync(folder)
    ? Object.fromEntries(Object.entries(treeOf(folder)).filter(([path]) => !path.startsWith(".exlab-wizard")))
    : {}

const cleaning = <A, E, R>(start: Layer.Layer<A, E, R>, over: Partial<CleanupSettings>) =>
  Effect.map(Settings, (settings) =>
    Layer.provide(start, Settings.layer({ ...settings, nasCleanup: { ...cleansUp, ...over } })),
  )

const runAt = (second: number) =>
  makeRunWith({ templatePath: "plain_run", runDate: `2026-11-22T10:00:0${second}Z` })

const verifiedRun = Effect.gen(function* () {
  yield* initTarget()
  yield* untilState(yield* makeProject, "verified")
  const run = yield* runAt(1)
  yield* untilState(run, "verified")
  return { run, before: data(run) }
})

const copyOf = (root: string, run: string, nas = "nas"): string =>
  join(root, nas, relative(join(root, "local/DEMO_01"), run))

const settled = (path: string) =>
  until(
    "settled",
    Effect.map(
      Effect.option(jobOf(path)),
      Option.exists(({ state }) => state === "verified" || state === "failed"),
    ),
  )

const hooked = (wrap: (transport: TargetTransport) => TargetTransport) =>
  Effect.map(SyncTransport, ({ of }) =>
    Layer.succeed(SyncTransport, { of: (id: string) => Option.map(of(id), wrap) }),
  )

describe("a target that is replaced", () => {
  it.scopedLive("has also what was on its way to the former", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const settings = yield* Settings
        const moved = Settings.layer({
          ...settings,
          equipment: settings.equipment.map((one) => ({ ...one, nasRoot: join(root, "nas2") })),
        })
        const elsewhere = Layer.provideMerge(SettingsTransport.layer, moved)
        const idle = Layer.provide(
          start,
          Layer.provideMerge(
            SettingsTransport.layer,
            Settings.layer({
              ...settings,
              sync: { ...settings.sync, enabled: false },
              equipment: settings.equipment.map((one) => ({ ...one, nasRoot: join(root, "nas2") })),
            }),
          ),
        )
        const armed = yield* Ref.make(false)
        // A person replaces the target by the command line while the service still runs with its former settings.
        const replacing = Effect.provide(initTarget(true), idle)
        const context = yield* Effect.context<Effect.Effect.Context<typeof replacing>>()
        const replace = Effect.orDie(Effect.provide(replacing, context))
        const transports = yield* hooked((transport) => ({
          ...transport,
          list: (place, except) =>
            place.startsWith(".exlab-incoming")
              ? transport.list(place, except)
              : Effect.zipRight(
                  Effect.whenEffect(replace, Ref.getAndSet(armed, false)),
                  transport.list(place, except),
                ),
        }))
        const run = yield* Effect.gen(function* () {
          yield* initTarget()
          yield* untilState(yield* makeProject, "verified")
          yield* Ref.set(armed, true)
          const run = yield* runAt(1)
          yield* Effect.race(settled(run), Effect.sleep("8 seconds"))
          return run
        }).pipe(Effect.provide(Layer.provide(start, transports)))
        yield* Effect.gen(function* () {
          yield* Effect.sleep("5 seconds")
          const { state } = yield* jobOf(run)
          const there = data(copyOf(root, run, "nas2"))
          expect({ state, isThere: Object.keys(there).length > 0 }).toEqual({
            state: "verified",
            isThere: true,
          })
        }).pipe(Effect.provide(Layer.provide(start, elsewhere)))
      }),
    ),
  )
})

describe("a run that was cleaned up without a cache", () => {
  it.scopedLive("doesn't keep another one at its place from the NAS", () =>
    inRealWorlds({}, (_, start) =>
      Effect.gen(function* () {
        const { run } = yield* Effect.provide(verifiedRun, start)
        yield* Effect.gen(function* () {
          yield* untilState(run, "cleaned")
          const second = yield* runAt(1)
          expect(second).toBe(run)
          yield* Effect.sleep("4 seconds")
          const { enqueue } = yield* SyncService
          const answer = yield* Effect.either(enqueue(second))
          const { reason, state } = yield* jobOf(second)
          expect({
            record: recordOf(second)["sync_status"],
            state,
            reason,
            answer: answer._tag === "Left" ? answer.left.message : "queued",
          }).toMatchObject({ answer: "queued" })
        }).pipe(Effect.provide(yield* cleaning(start, { retainCache: false })))
      }),
    ),
  )
})

describe("a start", () => {
  it.scopedLive("before the local disk is mounted fails no job", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const run = yield* Effect.gen(function* () {
          // No target yet: the jobs wait.
          yield* makeProject
          return yield* runAt(1)
        }).pipe(Effect.provide(start))
        fs.renameSync(join(root, "local"), join(root, "away"))
        fs.mkdirSync(join(root, "local"))
        yield* Effect.gen(function* () {
          yield* Effect.sleep("3 seconds")
          fs.rmSync(join(root, "local"), { recursive: true })
          fs.renameSync(join(root, "away"), join(root, "local"))
          yield* initTarget()
          yield* Effect.race(settled(run), Effect.sleep("10 seconds"))
          const { reason, state } = yield* jobOf(run)
          expect({ state, reason }).toEqual({ state: "verified", reason: "" })
        }).pipe(Effect.provide(start))
      }),
    ),
  )

  it.scopedLive("doesn't have a paused run that waits for its data sent without them", () =>
    inRealWorlds(
      { equipment: { syncWhen: "complete", completeness: { type: "sentinel_file", name: "DONE" } } },
      (root, start) =>
        Effect.gen(function* () {
          const { id, run } = yield* Effect.gen(function* () {
            const { pause } = yield* SyncService
            yield* initTarget()
            yield* makeProject
            const run = yield* runAt(1)
            yield* untilState(run, "waiting_for_data")
            const { id } = yield* jobOf(run)
            yield* until("paused", Effect.map(Effect.option(pause(id)), Option.isSome))
            return { run, id }
          }).pipe(Effect.provide(start))
          fs.renameSync(join(root, "local"), join(root, "away"))
          yield* Effect.provide(untilState(run, "failed"), start)
          fs.rmSync(join(root, "local"), { recursive: true, force: true })
          fs.renameSync(join(root, "away"), join(root, "local"))
          yield* Effect.gen(function* () {
            const { retry } = yield* SyncService
            yield* retry(id)
            yield* Effect.sleep("3 seconds")
            expect((yield* jobOf(run)).state).toBe("waiting_for_data")
          }).pipe(Effect.provide(start))
        }),
    ),
  )
})

describe("one job of an equipment", () => {
  it.scopedLive("whose file can't be read back doesn't hold up all others", () =>
    withSetClock((set) =>
      inRealWorlds({}, (_, start) =>
        Effect.gen(function* () {
          const queue = yield* SyncQueue
          const bad = yield* Ref.make("")
          const tries = yield* Ref.make(0)
          const transports = yield* hooked((transport) => ({
            ...transport,
            // As `targetFailure` sorts the EIO of one bad sector.
            digests: (place, paths) =>
              Effect.flatMap(Ref.get(bad), (id) =>
                id !== "" && place.includes(id)
                  ? Effect.zipRight(
                      Ref.update(tries, (n) => n + 1),
                      new SyncFailure({ class: "target_away", reason: "read: EIO", files: [] }),
                    )
                  : transport.digests(place, paths),
              ),
          }))
          yield* Effect.gen(function* () {
            yield* initTarget()
            yield* untilState(yield* makeProject, "verified")
            yield* queue.pauseTarget({
              equipmentId: "DEMO_01",
              reason: "",
              since: 0,
              until: (yield* Clock.currentTimeMillis) + 1e9,
            })
            const first = yield* runAt(1)
            const second = yield* runAt(2)
            yield* Ref.set(bad, (yield* jobOf(first)).id)
            yield* queue.resumeTarget("DEMO_01")
            for (let minute = 1; minute <= 4; minute += 1) {
              yield* Effect.sleep("3 seconds")
              set(minute * 61_000)
            }
            yield* Effect.sleep("3 seconds")
            expect({ tries: yield* Ref.get(tries), second: (yield* jobOf(second)).state }).toMatchObject({
              second: "verified",
            })
          }).pipe(Effect.provide(Layer.provide(start, transports)))
        }),
      ),
    ),
  )
})

describe("verify", () => {
  it.scopedLive("doesn't say that a run is well half of which lies in a trash", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const ledger = yield* SyncLedger
        const { run } = yield* Effect.provide(verifiedRun, start)
        const { id } = Option.getOrThrow(yield* queue.find(run))
        const [pass] = yield* ledger.passes(id)
        const trash = join(run, "../.exlab-wizard/trash", `${id}-1`)
        if (pass === undefined) return
        // A kill in the middle of the moving; then the clean-up is switched off.
        yield* ledger.beginCleanup({ ...pass, jobId: id, path: run, trash, startedAt: 1, sealedAt: null })
        yield* Effect.scoped(
          Effect.flatMap(Effect.map(queue.claimJob(id, ["verified"]), Option.getOrThrow), (claim) =>
            queue.release(claim, "cleanup_eligible"),
          ),
        )
        fs.mkdirSync(trash, { recursive: true })
        fs.renameSync(join(run, "raw"), join(trash, "raw"))
        fs.appendFileSync(join(copyOf(root, run), "raw/table.bin"), "spoilt")
        yield* Effect.gen(function* () {
          const { verify } = yield* SyncService
          expect((yield* verify(run)).ok).toBe(false)
        }).pipe(Effect.provide(start))
      }),
    ),
  )
})

describe("verify of a run whose data wait in a trash to be sent again", () => {
  it.scopedLive("doesn't say that its copy is well", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const { run } = yield* Effect.provide(verifiedRun, start)
        yield* Effect.provide(untilState(run, "cleaned"), yield* cleaning(start, {}))
        fs.rmSync(join(copyOf(root, run), "raw/table.bin"))
        const { id } = Option.getOrThrow(yield* queue.find(run))
        yield* queue.pauseTarget({
          equipmentId: "DEMO_01",
          reason: "full",
          since: 0,
          until: (yield* Clock.currentTimeMillis) + 1e9,
        })
        yield* Effect.gen(function* () {
          const { verify } = yield* SyncService
          yield* untilState(run, "queued")
          const { missing, ok } = yield* verify(run)
          expect({ id, ok, missing }).toEqual({ id, ok: false, missing: ["raw/table.bin"] })
        }).pipe(Effect.provide(yield* cleaning(start, { trashHours: 0 })))
      }),
    ),
  )
})

describe("a copy with a link in it", () => {
  it.scopedLive("that leads back to the files here isn't taken for a copy", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { verify } = yield* SyncService
        const { run } = yield* verifiedRun
        fs.rmSync(join(copyOf(root, run), "raw"), { recursive: true })
        fs.symlinkSync(join(run, "raw"), join(copyOf(root, run), "raw"))
        const found = yield* Effect.either(verify(run))
        expect(found._tag === "Right" && found.right.ok).toBe(false)
      }).pipe(Effect.provide(start)),
    ),
  )
})

describe("a mounted target", () => {
  it.effect("that hangs while it is read back is told, and holds no worker for ever", () =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const folder = yield* temporaryDirectory
      fs.writeFileSync(join(folder, "file"), "x")
      const hangs = Layer.succeed(Disk, { ...disk, hashFile: () => Effect.never })
      const transport = yield* Effect.provide(MountedTransport.make(folder, Duration.minutes(1)), hangs)
      const asked = yield* Effect.fork(Effect.exit(transport.digests("P", ["file"])))
      yield* TestClock.adjust("3 days")
      expect(Option.isSome(yield* Fiber.poll(asked))).toBe(true)
    }).pipe(Effect.scoped, Effect.provide(NodeDisk.layer)),
  )
})
