import * as fs from "node:fs"
import { expect } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Workspace } from "../../../src/ports/Workspace.ts"
import { Action, DiskFaults, interruptNow, type Operation } from "../../support/FaultDisk.ts"
import { contentsOf, fill, inStaging, project, run, session, whole } from "./support.ts"
import { withService } from "./withService.ts"

const flushesIn = (operations: ReadonlyArray<Operation>): ReadonlyArray<string> =>
  operations.filter(({ name }) => name === "flush").map(({ paths }) => paths[0] ?? "")

const indexOf = (operations: ReadonlyArray<Operation>, name: Operation["name"]): number =>
  operations.findIndex((operation) => operation.name === name)

withService(
  "everything in the tree is flushed before the rename, the parent and what is new above it after",
  (root) =>
    Effect.gen(function* () {
      const workspace = yield* Workspace
      const faults = yield* DiskFaults
      const staging = yield* workspace.claim(run(root), session(1))
      yield* fill(staging)
      yield* faults.arm(() => Action.Pass())
      yield* workspace.publish(staging)
      const operations = yield* faults.disarm
      const renamed = indexOf(operations, "renameNew")
      const inTree = Object.keys(whole).map((name) => `${staging.tree}${name.slice(1).replace(/\/$/, "")}`)
      expect([...flushesIn(operations.slice(0, renamed))].sort()).toEqual([...inTree].sort())
      const { parent } = staging.destination
      const equipment = `${root}/CONFOCAL_01`
      expect(flushesIn(operations.slice(renamed))).toEqual([
        parent,
        `${equipment}/PROJ-0042`,
        equipment,
        root,
      ])
    }),
)

withService("what one session made above its destination, the one that publishes first flushes", (root) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    const faults = yield* DiskFaults
    yield* Effect.flatMap(workspace.claim(run(root), session(1)), workspace.discard)
    const publish = Effect.gen(function* () {
      const staging = yield* workspace.claim(run(root), session(2))
      yield* faults.arm(() => Action.Pass())
      yield* workspace.publish(staging)
      const operations = yield* faults.disarm
      fs.rmdirSync(staging.destination.path)
      return flushesIn(operations.slice(indexOf(operations, "renameNew")))
    })
    const { parent } = run(root)
    const equipment = `${root}/CONFOCAL_01`
    expect(yield* publish).toEqual([parent, `${equipment}/PROJ-0042`, equipment, root])
    expect(yield* publish).toEqual([parent])
  }),
)

withService("an interruption after the rename doesn't keep the rest from being done", (root) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    const faults = yield* DiskFaults
    const destination = project(root)
    const staging = yield* workspace.claim(destination, session(1))
    yield* fill(staging)
    const fiber = yield* Effect.fork(workspace.publish(staging))
    yield* faults.arm(({ name }) =>
      name === "renameNew" ? Action.RunAfter({ effect: interruptNow(fiber) }) : Action.Pass(),
    )
    yield* Fiber.await(fiber)
    const operations = yield* faults.disarm
    expect(contentsOf(destination.path)).toEqual(whole)
    expect(inStaging(destination)).toEqual([])
    expect(flushesIn(operations.slice(indexOf(operations, "renameNew")))).toContain(destination.parent)
  }),
)

withService("what goes wrong after the rename is reported, each problem of it", (root) =>
  Effect.gen(function* () {
    const workspace = yield* Workspace
    const faults = yield* DiskFaults
    const staging = yield* workspace.claim(run(root), session(1))
    yield* fill(staging)
    let renamed = false
    yield* faults.arm(({ name }) => {
      const fails = renamed && (name === "flush" || name === "rename" || name === "lstat")
      renamed ||= name === "renameNew"
      return fails ? Action.FailBefore({ errno: "EIO" }) : Action.Pass()
    })
    const { warnings } = yield* workspace.publish(staging)
    yield* faults.disarm
    expect(warnings.map(({ op }) => op)).toEqual(["flush", "flush", "lstat"])
    expect(contentsOf(staging.destination.path)).toEqual(whole)
  }),
)
