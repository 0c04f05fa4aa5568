import * as fs from "node:fs"
import { join, relative } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Layer, Option, Ref } from "effect"
import type { CleanupSettings } from "../../../../src/domain/SyncSettings.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { SyncService } from "../../../../src/ports/SyncService.ts"
import { SyncTransport, type TargetTransport } from "../../../../src/ports/SyncTransport.ts"
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

const cleaning = <A, E, R>(start: Layer.Layer<A, E, R>, over: Partial<CleanupSettings>) =>
  Effect.map(Settings, (settings) =>
    Layer.provide(start, Settings.layer({ ...settings, nasCleanup: { ...cleansUp, ...over } })),
  )

const off = { enabled: false } as const

const runAt = (second: number) =>
  makeRunWith({ templatePath: "plain_run", runDate: `2026-11-22T10:00:0${second}Z` })

/** A project and a verified run. */
const verifiedRun = Effect.gen(function* () {
  yield* initTarget()
  yield* untilState(yield* makeProject, "verified")
  const run = yield* runAt(1)
  yield* untilState(run, "verified")
  return { run, before: data(run) }
})

const copyOf = (root: string, run: string): string =>
  join(root, "nas", relative(join(root, "local/DEMO_01"), run))

const settled = (path: string) =>
  until(
    "settled",
    Effect.map(
      Effect.option(jobOf(path)),
      Option.exists(({ state }) => state === "verified" || state === "failed"),
    ),
  )

/** The transports of this world with a step before some of their calls. */
const hooked = (wrap: (transport: TargetTransport) => TargetTransport) =>
  Effect.map(SyncTransport, ({ of }) =>
    Layer.succeed(SyncTransport, { of: (id: string) => Option.map(of(id), wrap) }),
  )

describe("data in a trash whose copy was lost", () => {
  it.scopedLive("aren't given up because one file came late to the run's place", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { before, run } = yield* Effect.provide(verifiedRun, start)
        yield* Effect.provide(untilState(run, "cleaned"), yield* cleaning(start, {}))
        // The instrument writes one more file; the copy of another one gets lost.
        yield* write(join(run, "raw/late.raw"), "pixels")
        fs.rmSync(join(copyOf(root, run), "raw/table.bin"))
        yield* Effect.gen(function* () {
          yield* until(
            "sent again",
            Effect.map(jobOf(run), ({ state }) => state !== "cleaned"),
          )
          yield* settled(run)
          const { reason, state } = yield* jobOf(run)
          // Either everything is there again, or the job says that it isn't.
          const whole = Object.keys(before).every((path) => fs.existsSync(join(copyOf(root, run), path)))
          expect({ state, whole, reason, record: recordOf(run)["sync_status"] }).toMatchObject(
            whole ? { state: "verified" } : { state: "failed" },
          )
        }).pipe(Effect.provide(yield* cleaning(start, { trashHours: 0, minVerifyPasses: 2 })))
      }),
    ),
  )

  it.scopedLive("aren't told as gone when the service starts before a worker has taken them", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const { before, run } = yield* Effect.provide(verifiedRun, start)
        yield* Effect.provide(untilState(run, "cleaned"), yield* cleaning(start, { retainCache: false }))
        expect(fs.existsSync(run)).toBe(false)
        fs.rmSync(join(copyOf(root, run), "raw/table.bin"))
        const { id } = Option.getOrThrow(yield* queue.find(run))
        // As `emptyTrash` does it; then the service ends.
        yield* Effect.scoped(
          Effect.flatMap(Effect.map(queue.claimJob(id, ["cleaned"]), Option.getOrThrow), (claim) =>
            queue.release(claim, "queued", { reason: "its copy was lost", verifyPasses: 0 }),
          ),
        )
        const now = yield* Clock.currentTimeMillis
        yield* queue.pauseTarget({ equipmentId: "DEMO_01", reason: "full", since: now, until: now + 3_000 })
        yield* Effect.provide(
          Effect.gen(function* () {
            yield* settled(run)
            const { reason, state } = yield* jobOf(run)
            expect({ reason, state }).toMatchObject({ state: "verified" })
            expect(data(run)).toEqual(before)
          }),
          yield* cleaning(start, off),
        )
      }),
    ),
  )

  it.scopedLive("aren't forgotten when their disk is away as they shall come back", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const { before, run } = yield* Effect.provide(verifiedRun, start)
        yield* Effect.provide(untilState(run, "cleaned"), yield* cleaning(start, {}))
        fs.rmSync(join(copyOf(root, run), "raw/table.bin"))
        const now = yield* Clock.currentTimeMillis
        yield* queue.pauseTarget({ equipmentId: "DEMO_01", reason: "full", since: 0, until: now + 1e9 })
        yield* Effect.gen(function* () {
          const { retry } = yield* SyncService
          yield* untilState(run, "queued")
          fs.renameSync(join(root, "local"), join(root, "away"))
          fs.mkdirSync(join(root, "local"))
          yield* queue.resumeTarget("DEMO_01")
          yield* Effect.race(untilState(run, "failed"), Effect.sleep("5 seconds"))
          fs.rmSync(join(root, "local"), { recursive: true })
          fs.renameSync(join(root, "away"), join(root, "local"))
          yield* Effect.ignore(Effect.flatMap(jobOf(run), ({ id }) => retry(id)))
          yield* untilState(run, "verified")
          expect(data(copyOf(root, run))).toEqual(before)
        }).pipe(Effect.provide(yield* cleaning(start, { trashHours: 0, minVerifyPasses: 2 })))
      }),
    ),
  )
})

describe("clean-up", () => {
  it.scopedLive("without a cache removes no record that the copy doesn't have", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { run } = yield* Effect.provide(verifiedRun, start)
        const record = join(copyOf(root, run), ".exlab-wizard/creation.json")
        fs.rmSync(record)
        yield* Effect.sleep("5 seconds").pipe(
          Effect.provide(yield* cleaning(start, { retainCache: false, trashHours: 0 })),
        )
        const places = [join(run, ".exlab-wizard/creation.json"), record]
        expect(places.filter((path) => fs.existsSync(path))).not.toEqual([])
      }),
    ),
  )

  it.scopedLive("without a cache keeps what people have put on record after the sync", () =>
    inRealWorlds({}, (root, start) =>
      Effect.gen(function* () {
        const { run } = yield* Effect.provide(verifiedRun, start)
        const here = join(run, ".exlab-wizard/creation.json")
        const noted = { ...recordOf(run), remark_of_a_person: "sample broke" }
        fs.writeFileSync(here, JSON.stringify(noted))
        yield* Effect.sleep("5 seconds").pipe(
          Effect.provide(yield* cleaning(start, { retainCache: false, trashHours: 0 })),
        )
        const texts = [here, join(copyOf(root, run), ".exlab-wizard/creation.json")]
          .filter((path) => fs.existsSync(path))
          .map((path) => fs.readFileSync(path, "utf8"))
        expect(texts.some((text) => text.includes("sample broke"))).toBe(true)
      }),
    ),
  )
})

describe("a target that is swapped while a job is under way", () => {
  const swaps = ["before anything is sent", "after the verification", "after it got its name"] as const
  for (const moment of swaps) {
    it.scopedLive(`has nothing that is called verified on the right one: ${moment}`, () =>
      inRealWorlds({}, (root, start) =>
        Effect.gen(function* () {
          const armed = yield* Ref.make(false)
          const swap = Effect.sync(() => {
            fs.renameSync(join(root, "nas"), join(root, "right"))
            fs.mkdirSync(join(root, "nas"))
            const marker = { schema_version: "1.0", id: "another", created_at: "2026-11-22T10:00:00Z" }
            fs.writeFileSync(join(root, "nas/.exlab-target.json"), JSON.stringify(marker))
          })
          const once = Effect.whenEffect(swap, Ref.getAndSet(armed, false))
          const isFinal = (place: string): boolean => !place.startsWith(".exlab-incoming")
          const transports = yield* hooked((transport) => ({
            ...transport,
            exists: (place) =>
              moment === "before anything is sent" && isFinal(place)
                ? Effect.zipRight(once, transport.exists(place))
                : transport.exists(place),
            list: (place, except) =>
              moment === "after the verification" && isFinal(place)
                ? Effect.zipRight(once, transport.list(place, except))
                : transport.list(place, except),
            publish: (from, to) =>
              moment === "after it got its name"
                ? Effect.zipLeft(transport.publish(from, to), once)
                : transport.publish(from, to),
          }))
          yield* Effect.gen(function* () {
            yield* initTarget()
            yield* untilState(yield* makeProject, "verified")
            yield* Ref.set(armed, true)
            const run = yield* runAt(1)
            yield* Effect.race(settled(run), Effect.sleep("6 seconds"))
            expect(fs.existsSync(join(root, "right"))).toBe(true)
            // What is verified is on the target that is remembered, and nothing of it on a stranger's.
            const place = relative(join(root, "local/DEMO_01"), run)
            const { reason, state } = yield* jobOf(run)
            const there = Object.keys(data(join(root, "right", place))).length > 0
            expect({ state, reason, isWell: state !== "verified" || there }).toMatchObject({ isWell: true })
            expect(fs.readdirSync(join(root, "nas"))).toEqual([".exlab-target.json"])
          }).pipe(Effect.provide(Layer.provide(start, transports)))
        }),
      ),
    )
  }
})
