import * as fs from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Layer } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { make } from "../../../../layers/nas/transports/MountedTransport.ts"
import { DiskError } from "../../../../src/domain/Errors.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { classOf } from "../../../contract/targetRoom.ts"
import { parcelOf, plant, treeOf } from "../../../contract/targetTrees.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { canMount, smallVolume } from "../../../support/smallVolume.ts"
import { fastTemporaryDirectory } from "../../../support/temporaryDirectory.ts"

const quiet = () => Effect.void
const waiting = ".exlab-incoming/1"

const place = Effect.gen(function* () {
  const folder = yield* fastTemporaryDirectory
  const [root, source] = [join(folder, "share"), join(folder, "source")]
  fs.mkdirSync(root)
  fs.writeFileSync(join(root, ".exlab-target.json"), "")
  plant(source, { "a/1": "one", "a/2": "two", "empty/": "" })
  return {
    root,
    source,
    transport: yield* make(root, Duration.seconds(60)),
    parcel: parcelOf(source, waiting),
  }
})

const layer = FaultDisk.layer.pipe(Layer.provide(NodeDisk.layer))

/** What lies where half files lie, and where nothing may be left. */
const rubbish = (root: string): ReadonlyArray<string> =>
  fs.readdirSync(join(root, ".exlab-incoming")).filter((name) => name.startsWith(".sending-"))

describe("faults of a mounted target", () => {
  it.scopedLive("a file that grows or goes while it is sent has changed, and isn't there", () =>
    Effect.gen(function* () {
      const { parcel, root, source, transport } = yield* place
      const large = join(source, "large")
      fs.writeFileSync(large, "x".repeat(200_000))
      const slow = { ...parcelOf(source, waiting), bytesPerSecond: 400_000 }
      const grow = () => Effect.sync(() => fs.appendFileSync(large, "more"))
      const failure = yield* Effect.flip(transport.send(slow, grow))
      expect(failure.class).toBe("source_changed")
      expect(failure.files).toEqual(["large"])
      expect(treeOf(join(root, waiting))["large"]).toBe(undefined)
      const go = () => Effect.sync(() => fs.rmSync(large, { force: true }))
      expect(yield* classOf(transport.send(slow, go))).toBe("source_changed")
      yield* transport.send(parcel, quiet)
      expect(treeOf(join(root, waiting))).toEqual(treeOf(source))
      expect(rubbish(root)).toEqual([])
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive.skipIf(!canMount)("a mounted target that is full is told to be, and holds no half file", () =>
    Effect.gen(function* () {
      const { root, source, transport } = yield* place
      yield* smallVolume(root)
      fs.writeFileSync(join(root, ".exlab-target.json"), "")
      fs.writeFileSync(join(source, "large"), Buffer.alloc(3_000_000, 1))
      expect(yield* classOf(transport.send(parcelOf(source, waiting), quiet))).toBe("target_full")
      expect(treeOf(join(root, waiting))["large"]).toBe(undefined)
      expect(rubbish(root)).toEqual([])
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive("a share that doesn't answer is away", () =>
    Effect.gen(function* () {
      const { parcel, root } = yield* place
      const answer = yield* Deferred.make<never, DiskError>()
      // As an operation of the system: nothing ends it.
      const hangs = Effect.uninterruptible(Deferred.await(answer))
      const hanging = Effect.map(Disk, (disk) =>
        Disk.of({
          ...disk,
          lstat: (path) => (path.startsWith(root) ? hangs : disk.lstat(path)),
          readFile: () => hangs,
        }),
      )
      const transport = yield* Effect.provideServiceEffect(make(root, Duration.millis(50)), Disk, hanging)
      for (const asked of [Effect.asVoid(transport.readMarker), transport.send(parcel, quiet)]) {
        expect(yield* classOf(asked)).toBe("target_away")
      }
      yield* Deferred.fail(answer, new DiskError({ path: root, op: "lstat", errno: "ESTALE" }))
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive("a link on the target leads nothing out of it", () =>
    Effect.gen(function* () {
      const { parcel, root, source, transport } = yield* place
      fs.mkdirSync(join(source, "../outside"))
      fs.symlinkSync(join(source, "../outside"), join(root, "PROJ"))
      expect(yield* classOf(transport.send({ ...parcel, to: "PROJ/Run" }, quiet))).toBe("permanent")
      expect(treeOf(join(source, "../outside"))["Run/a"]).toBe(undefined)
    }).pipe(Effect.provide(NodeDisk.layer)),
  )

  it.scopedLive(
    "whatever operation of a transfer fails or is interrupted, no name stands for half a file, and the next try is whole",
    () =>
      Effect.gen(function* () {
        const { parcel, root, source, transport } = yield* place
        const here = treeOf(source)
        const clean = Effect.sync(() =>
          fs.rmSync(join(root, ".exlab-incoming"), { recursive: true, force: true }),
        )
        const attempt = Effect.zipRight(clean, transport.send(parcel, quiet))
        yield* FaultDisk.sweep(attempt, ({ how, operation }, exit) =>
          Effect.gen(function* () {
            const what = `${how}: ${operation.name} ${operation.paths.join(" ")}`
            for (const [path, found] of Object.entries(treeOf(join(root, waiting)))) {
              expect([what, found]).toEqual([what, here[path]])
            }
            if (Exit.isSuccess(exit)) expect([what, treeOf(join(root, waiting))]).toEqual([what, here])
            yield* transport.send(parcel, quiet)
            expect([what, treeOf(join(root, waiting)), rubbish(root)]).toEqual([what, here, []])
          }),
        )
      }).pipe(Effect.provide(layer)),
    120_000,
  )

  it.scopedLive(
    "whatever operation of a publication fails or is interrupted, every file is in one of the two places, and the next try is whole",
    () =>
      Effect.gen(function* () {
        const { root, source, transport } = yield* place
        const here = treeOf(source)
        const files = Object.entries(here).filter(([, what]) => what !== "folder")
        const prepare = Effect.sync(() => {
          fs.rmSync(join(root, "P"), { recursive: true, force: true })
          fs.cpSync(source, join(root, waiting), { recursive: true })
          plant(join(root, "P/Run"), { "a/1": "old", "a/3": "stays" })
        })
        yield* FaultDisk.sweep(
          Effect.zipRight(prepare, transport.publish(waiting, "P/Run")),
          ({ how, operation }) =>
            Effect.gen(function* () {
              const what = `${how}: ${operation.name} ${operation.paths.join(" ")}`
              const [from, to] = [treeOf(join(root, waiting)), treeOf(join(root, "P/Run"))]
              for (const [path, digest] of files) {
                expect([from[path], to[path]]).toContain(digest)
              }
              yield* transport.publish(waiting, "P/Run")
              const after = treeOf(join(root, "P/Run"))
              expect([what, after]).toEqual([what, { ...here, "a/3": after["a/3"] }])
              expect(fs.existsSync(join(root, waiting))).toBe(false)
            }),
        )
      }).pipe(Effect.provide(layer)),
    120_000,
  )
})
