import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Array, Deferred, Effect, Exit, Fiber, Layer } from "effect"
import * as StagingWorkspace from "../../layers/workspace/StagingWorkspace.ts"
import { projectDestination } from "../../src/domain/Destination.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { Workspace } from "../../src/ports/Workspace.ts"
import { session } from "../layers/workspace/support.ts"
import { Action, atOperation, DiskFaults, interruptNow } from "../support/FaultDisk.ts"
import { snapshotOf } from "../support/snapshot.ts"
import { fastTemporaryDirectory } from "../support/temporaryDirectory.ts"
import { settingsBelow } from "../support/world.ts"
import {
  audited,
  brief,
  memoryLab,
  plantDirectory,
  plantLab,
  plantTemplate,
  realLab,
  run,
  top,
} from "./lab.ts"

/** What a service of this computer leaves that dies in the middle: its lock file is there, and nobody holds it. */
const leaveHalf = (folder: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const settings = settingsBelow(folder, { orchestrator: { enabled: false, host: "this", label: "" } })
    const another = Layer.provide(StagingWorkspace.layer, [
      Layer.succeed(Disk, disk),
      Layer.succeed(Settings, settings),
    ])
    const claim = Effect.flatMap(Workspace, ({ claim }) =>
      claim(projectDestination(join(folder, "local"), "DEMO_01", "PROJ-7"), session(7)),
    )
    yield* Effect.scoped(
      Effect.flatMap(Layer.build(Layer.fresh(another)), (context) => Effect.provide(claim, context)),
    )
  })

it.scopedLive("an audit may be interrupted at any operation: nothing stays held, nothing is changed", () =>
  Effect.gen(function* () {
    const folder = yield* fastTemporaryDirectory
    const local = join(folder, "local")
    const run = join(local, "DEMO_01/PROJ-0042/Runs/Run_1")
    yield* Effect.gen(function* () {
      const { arm, disarm } = yield* DiskFaults
      const disk = yield* Disk
      yield* plantTemplate("plain", [], folder)
      yield* plantDirectory(join(local, "DEMO_01/PROJ-0042"))
      yield* plantDirectory(run, { rendered: ["a.txt"] }, { "a.txt": "<id>", "raw/x|y": "" })
      yield* leaveHalf(folder)
      const owners = join(local, ".exlab-wizard/owners")
      const [lock] = yield* disk.list(owners)
      const before = snapshotOf(folder)
      yield* arm(() => Action.Pass())
      const whole = yield* audited()
      const operations = yield* disarm
      expect(whole.map(({ rule }) => rule)).toEqual([
        "unresolved_placeholder_token",
        "illegal_filesystem_character",
        "interrupted_creation",
      ])
      expect(operations.map(({ name }) => name)).toContain("tryLock")
      const unchanged = Effect.gen(function* () {
        expect(snapshotOf(folder)).toEqual(before)
        expect(yield* Effect.scoped(disk.tryLock(join(owners, lock?.name ?? "")))).toBe(true)
      })
      yield* unchanged
      let interrupted = 0
      for (const k of Array.range(0, operations.length - 1)) {
        for (const how of ["before", "after"] as const) {
          const victim = yield* Deferred.make<Fiber.RuntimeFiber<unknown, unknown>>()
          const effect = Effect.flatMap(Deferred.await(victim), interruptNow)
          yield* arm(
            atOperation(k, how === "before" ? Action.RunBefore({ effect }) : Action.RunAfter({ effect })),
          )
          const fiber = yield* Effect.fork(audited())
          yield* Deferred.succeed(victim, fiber)
          const exit = yield* Fiber.await(fiber)
          yield* disarm
          // At the last ones nothing may be left to interrupt.
          if (Exit.isSuccess(exit)) expect(exit.value).toEqual(whole)
          else interrupted += 1
          yield* unchanged
        }
      }
      expect(interrupted).toBeGreaterThan(1.5 * operations.length)
      expect(yield* audited()).toEqual(whole)
    }).pipe(Effect.provide(realLab(folder)))
  }),
)

it.scoped("a run that goes at any operation is told of as a whole, or not at all", () =>
  Effect.gen(function* () {
    const { arm, disarm } = yield* DiskFaults
    const disk = yield* Disk
    const files = {
      ...Object.fromEntries(["a.txt", "raw/b.txt", "raw/deep/c.txt"].map((name) => [name, "<id>"])),
      "raw/x|y": "",
    }
    yield* plantLab
    yield* plantDirectory(run, { rendered: Object.keys(files), readme: { core_fields: {} } }, files)
    yield* arm(() => Action.Pass())
    const whole = (yield* audited()).map(brief)
    const { length } = yield* disarm
    const outcomes = new Set<number>()
    for (const k of Array.range(0, length - 1)) {
      const effect = Effect.orDie(disk.rename(run, `${top}/gone`))
      yield* arm(atOperation(k, Action.RunBefore({ effect })))
      const found = (yield* audited()).map(brief)
      yield* disarm
      outcomes.add(found.length)
      if (found.length > 0) expect(found).toEqual(whole)
      yield* disk.rename(`${top}/gone`, run)
    }
    expect(outcomes).toEqual(new Set([0, whole.length]))
  }).pipe(Effect.provide(memoryLab())),
)
