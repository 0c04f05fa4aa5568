import * as fs from "node:fs"
import { it } from "@effect/vitest"
import { Effect, type Exit, Fiber, type Scope } from "effect"
import type { CreationWriter } from "../../../src/ports/CreationWriter.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { EquipmentWriter } from "../../../src/ports/EquipmentWriter.ts"
import type { WizardLog } from "../../../src/ports/WizardLog.ts"
import { Action, atOperation, DiskFaults } from "../../support/FaultDisk.ts"
import { recordsLayer } from "./recordsLayer.ts"
import { temporaryDirectory } from "../../support/temporaryDirectory.ts"

export type Records = CreationWriter | EquipmentWriter | WizardLog | Disk | DiskFaults

/** A test with real files in a directory of its own. */
export const onRecords = <E>(
  name: string,
  test: (directory: string) => Effect.Effect<void, E, Records | Scope.Scope>,
  options: { readonly host?: string; readonly lockTimeoutSeconds?: number } = {},
) =>
  it.scopedLive(name, () =>
    Effect.flatMap(temporaryDirectory, test).pipe(Effect.provide(recordsLayer(options))),
  )

export const metadata = (directory: string): string => `${directory}/.exlab-wizard`

/** Writes a file into the metadata folder of a directory, as somebody else would. */
export const put = (directory: string, name: string, content: string | Uint8Array): string => {
  fs.mkdirSync(metadata(directory), { recursive: true })
  const path = `${metadata(directory)}/${name}`
  fs.writeFileSync(path, content)
  return path
}

export const get = (directory: string, name: string): string =>
  fs.readFileSync(`${metadata(directory)}/${name}`, "utf8")

export const names = (directory: string): ReadonlyArray<string> => fs.readdirSync(metadata(directory)).sort()

export const everyFault = ["FailBefore", "FailAfter", "InterruptBefore", "InterruptAfter"] as const
type Fault = (typeof everyFault)[number]

/** How something ends when its k-th disk operation fails, or is when somebody interrupts it. */
export const underFault = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  k: number,
  fault: Fault,
): Effect.Effect<Exit.Exit<A, E>, never, R | DiskFaults> =>
  Effect.gen(function* () {
    const faults = yield* DiskFaults
    const target: { fiber?: Fiber.RuntimeFiber<A, E> } = {}
    const effect = Effect.suspend(() =>
      target.fiber === undefined
        ? Effect.dieMessage("nobody to interrupt")
        : Effect.zipRight(Fiber.interruptFork(target.fiber), Effect.yieldNow()),
    )
    const actions: Record<Fault, Action> = {
      FailBefore: Action.FailBefore({ errno: "EIO" }),
      FailAfter: Action.FailAfter({ errno: "EIO" }),
      InterruptBefore: Action.RunBefore({ effect }),
      InterruptAfter: Action.RunAfter({ effect }),
    }
    yield* faults.arm(atOperation(k, actions[fault]))
    target.fiber = yield* Effect.forkDaemon(Effect.zipRight(Effect.yieldNow(), self))
    const exit = yield* Fiber.await(target.fiber)
    yield* faults.disarm
    return exit
  })
