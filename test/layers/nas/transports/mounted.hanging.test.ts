import * as fs from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Fiber, Layer, Option, Queue, TestClock } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../../layers/EmbeddedSettings.ts"
import { make } from "../../../../layers/nas/transports/MountedTransport.ts"
import { isHanging } from "../../../../layers/nas/transports/mounted/PatientDisk.ts"
import { layerApart } from "../../../../layers/nas/transports/mounted/apart.ts"
import type { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import { parcelOf, plant, treeOf } from "../../../contract/targetTrees.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { fastTemporaryDirectory } from "../../../support/temporaryDirectory.ts"

const silence = Duration.seconds(60)
const waiting = ".exlab-incoming/1"
const files = { "a/1": "one", "a/2": "two", "empty/": "" }

const place = Effect.gen(function* () {
  const folder = yield* fastTemporaryDirectory
  const [root, source] = [join(folder, "share"), join(folder, "source")]
  plant(source, files)
  fs.mkdirSync(root)
  const transport = yield* make(root, silence)
  yield* transport.writeMarker("t1")
  return { root, source, transport, parcel: parcelOf(source, waiting) }
})

const turn = Effect.promise(() => new Promise((done) => setImmediate(done)))

/** From the k-th operation on, what is asked of the share gets no answer before it is back. */
const hangFrom = (root: string, k: number) =>
  Effect.gen(function* () {
    const isBack = yield* Deferred.make<void>()
    const hangs = yield* Deferred.make<void>()
    let asked = 0
    let busy = 0
    const hang = Effect.uninterruptible(
      Effect.zipRight(Deferred.succeed(hangs, undefined), Deferred.await(isBack)),
    )
    const answered = Effect.sync(() => {
      busy -= 1
    })
    const plan: FaultDisk.Plan = ({ paths }) => {
      if (!paths.some((path) => `${path}/`.startsWith(`${root}/`))) return FaultDisk.Action.Pass()
      asked += 1
      if (asked > k) return FaultDisk.Action.RunBefore({ effect: hang })
      busy += 1
      return FaultDisk.Action.RunAfter({ effect: answered })
    }
    const faults = yield* FaultDisk.DiskFaults
    yield* faults.arm(plan)
    /** Time goes by once the share hangs, and all that was asked before has been answered. */
    const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(effect)
        yield* Effect.raceFirst(Deferred.await(hangs), Effect.exit(Fiber.join(fiber)))
        yield* Effect.repeat(turn, { until: () => busy === 0 })
        const goOn = Effect.zipRight(TestClock.adjust(silence), turn)
        yield* Effect.repeat(goOn, { until: () => Effect.map(Fiber.poll(fiber), Option.isSome) })
        return yield* Fiber.join(fiber)
      })
    return { inTime, hung: Deferred.await(hangs), comeBack: Deferred.succeed(isBack, undefined) }
  })

const layer = FaultDisk.layer.pipe(Layer.provide(NodeDisk.layer))

describe("a share that stops to answer", () => {
  const cases: ReadonlyArray<
    [string, (world: Effect.Effect.Success<typeof place>) => Effect.Effect<unknown, SyncFailure>]
  > = [
    ["readMarker", ({ transport }) => transport.readMarker],
    ["send", ({ parcel, transport }) => transport.send(parcel, () => Effect.void)],
    ["digests", ({ transport }) => transport.digests("P/Run", ["a/1", "a/2"])],
    ["exists", ({ transport }) => transport.exists("P/Run")],
    ["list", ({ transport }) => transport.list("P/Run", [])],
    ["publish", ({ transport }) => transport.publish(waiting, "P/Other")],
    ["remove", ({ transport }) => transport.remove(waiting, [{ path: "a/1", isFolder: false }])],
    ["discard", ({ transport }) => transport.discard(waiting)],
  ]
  for (const [name, ask] of cases) {
    it.scoped(
      `is away, whatever was asked of it last: ${name}`,
      () =>
        Effect.gen(function* () {
          const faults = yield* FaultDisk.DiskFaults
          const world = yield* place
          const { root, transport } = world
          const prepare = Effect.sync(() => {
            for (const gone of [".exlab-incoming", "P"])
              fs.rmSync(join(root, gone), { recursive: true, force: true })
            plant(join(root, "P/Run"), files)
            if (name !== "send") plant(join(root, waiting), files)
          })
          let hung = 0
          for (let k = 0, ended = false; !ended; k += 1) {
            yield* prepare
            const { comeBack, inTime } = yield* hangFrom(root, k)
            const outcome = yield* Effect.either(inTime(ask(world)))
            ended = outcome._tag === "Right"
            if (outcome._tag === "Left") {
              hung += 1
              expect([k, outcome.left.class]).toEqual([k, "target_away"])
              // Nothing further is asked of it, and nobody waits.
              const before = yield* faults.disarm
              expect(yield* Effect.flip(transport.exists("P"))).toMatchObject({ class: "target_away" })
              expect(yield* faults.disarm).toEqual(before)
            }
            yield* comeBack
            const answers = Effect.isSuccess(transport.exists("P"))
            yield* Effect.repeat(answers, { until: (found) => found })
            yield* faults.disarm
            // Once it is back, all can be done.
            yield* prepare
            yield* ask(world)
          }
          expect(hung).toBeGreaterThan(0)
          if (name === "send") expect(treeOf(join(root, waiting))).toEqual(treeOf(world.source))
        }).pipe(Effect.provide(layer)),
      120_000,
    )
  }

  it.scoped("leaves threads for the rest, however many hang with it", () =>
    Effect.gen(function* () {
      const { root } = yield* place
      const { transport: well } = yield* place
      const { comeBack, hung } = yield* hangFrom(root, 0)
      const dead = yield* Effect.forEach(
        Array.from({ length: 8 }, (_, n) => join(root, String(n))),
        (share) => make(share, silence),
      )
      const asked = yield* Effect.fork(
        Effect.forEach(dead, ({ exists }) => Effect.flip(exists("P")), { concurrency: "unbounded" }),
      )
      yield* hung
      expect(yield* well.exists("P")).toBe(false)
      const goOn = Effect.zipRight(TestClock.adjust(silence), Effect.yieldNow())
      yield* Effect.repeat(goOn, { until: () => Effect.map(Fiber.poll(asked), Option.isSome) })
      expect(yield* Effect.flip(well.exists("P"))).toMatchObject({ class: "target_away" })
      yield* comeBack
      yield* Effect.repeat(turn, { until: () => !isHanging() })
      expect(yield* well.exists("P")).toBe(false)
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("holds nobody who is interrupted for long", () =>
    Effect.gen(function* () {
      const { root, transport } = yield* place
      const { comeBack, hung } = yield* hangFrom(root, 0)
      const asked = yield* Effect.fork(transport.list("P", []))
      yield* hung
      const ended = yield* Effect.fork(Fiber.interrupt(asked))
      const goOn = Effect.zipRight(TestClock.adjust(Duration.seconds(1)), Effect.yieldNow())
      yield* Effect.repeatN(goOn, 3)
      expect(isHanging()).toBe(false)
      yield* Effect.repeat(goOn, { until: () => Effect.map(Fiber.poll(ended), Option.isSome) })
      expect(isHanging()).toBe(true)
      expect(yield* Clock.currentTimeMillis).toBeLessThan(Duration.toMillis(silence))
      yield* comeBack
      yield* Effect.repeat(turn, { until: () => !isHanging() })
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("is waited for as long as a large file comes from it, however slowly", () =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const [comes, heard] = yield* Effect.all([Queue.unbounded<void>(), Queue.unbounded<number>()])
      const hashFile: typeof disk.hashFile = (_, options) =>
        Effect.forever(
          Effect.zipRight(
            Queue.take(comes),
            Effect.zipRight(options?.onRead?.(1) ?? Effect.void, Queue.offer(heard, 1)),
          ),
        )
      const { root } = yield* place
      const slow = yield* Effect.provideService(make(root, silence), Disk, { ...disk, hashFile })
      const asked = yield* Effect.fork(slow.digests("P", ["a"]))
      for (let reads = 0; reads < 10; reads += 1) {
        yield* TestClock.adjust(Duration.seconds(50))
        yield* Queue.offer(comes, undefined)
        yield* Queue.take(heard)
      }
      expect(Option.isNone(yield* Fiber.poll(asked))).toBe(true)
      const goOn = Effect.zipRight(TestClock.adjust(silence), Effect.yieldNow())
      yield* Effect.repeat(goOn, { until: () => Effect.map(Fiber.poll(asked), Option.isSome) })
      expect(yield* Effect.flip(Fiber.join(asked))).toMatchObject({
        class: "target_away",
        reason: expect.stringContaining("doesn't answer"),
      })
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scoped("keeps one call of a start, however many equipments have it, and the start goes on", () =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const folder = yield* fastTemporaryDirectory
      const share = join(folder, "share")
      const asked = yield* Queue.unbounded<string>()
      const realPath: typeof disk.realPath = (path) =>
        path.startsWith(share)
          ? Effect.zipRight(Queue.offer(asked, path), Effect.uninterruptible(Effect.never))
          : disk.realPath(path)
      const settings = withDefaults({
        paths: { localRoot: join(folder, "local"), stateDir: join(folder, "state") },
        equipment: ["A", "B", "C"].map((id) => ({
          id,
          label: id,
          nasRoot: join(share, id),
          transport: { type: "mounted", uploadMbps: null, schedule: [] },
        })),
      })
      const start = Layer.build(layerApart).pipe(
        Effect.provide(Settings.layer(settings)),
        Effect.provideService(Disk, { ...disk, realPath }),
      )
      const starting = yield* Effect.fork(start)
      yield* Queue.take(asked)
      const goOn = Effect.zipRight(TestClock.adjust(silence), Effect.yieldNow())
      yield* Effect.repeat(goOn, { until: () => Effect.map(Fiber.poll(starting), Option.isSome) })
      yield* Fiber.join(starting)
      expect(yield* Queue.size(asked)).toBe(0)
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scoped("a large file tells of each of its reads", () =>
    Effect.gen(function* () {
      const { hashFile } = yield* Disk
      const { root } = yield* place
      plant(root, { large: "x".repeat(1_000_000) })
      const reads: Array<number> = []
      yield* hashFile(join(root, "large"), { onRead: (bytes) => Effect.sync(() => void reads.push(bytes)) })
      expect(reads.length).toBeGreaterThan(2)
      expect(reads.every((bytes) => bytes > 0 && bytes < 500_000)).toBe(true)
    }).pipe(Effect.provide(NodeDisk.layer)),
  )
})
