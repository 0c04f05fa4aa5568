import { Array, Effect, Option } from "effect"
import type { IsolationTier } from "../../../src/domain/PluginCatalog.ts"
import type { PluginManifest } from "../../../src/domain/PluginManifest.ts"
import type { Disk } from "../../../src/ports/Disk.ts"
import { problemOf, type TrialFailed, tryTier } from "./canary.ts"
import { look, type Machine } from "./Machine.ts"

export type Tiers = Readonly<Record<PluginManifest["runtime"], IsolationTier>>

/** What this computer can do, and why it can't do more. */
export interface Findings {
  readonly machine: Machine
  readonly tiers: Tiers
  readonly limitations: ReadonlyArray<string>
}

/** What holds at every tier. */
const machineLimitations = ({ isRoot, prlimit }: Machine): ReadonlyArray<string> => [
  ...(Option.isNone(prlimit)
    ? ["memory, CPU time and processes of plugins aren't limited: the program prlimit isn't installed"]
    : []),
  ...(isRoot
    ? [
        "the service runs as root: how many processes a plugin starts isn't limited, and a full disk isn't full for it",
      ]
    : []),
]

/** The tier that is asked for, untried. Only Node has a permission model. */
const forced = (machine: Machine, tier: IsolationTier): Findings => ({
  machine,
  tiers: { node: tier, command: tier === "permission" ? "none" : tier },
  limitations: [`isolation is set to tier ${tier}`, ...machineLimitations(machine)],
})

/** Tries the tiers, the strongest first, until one serves. */
const tried = (machine: Machine): Effect.Effect<Findings, TrialFailed, Disk> =>
  Effect.gen(function* () {
    const os = problemOf("os", yield* tryTier(machine, "os"))
    if (os === null) {
      return { machine, tiers: { node: "os", command: "os" }, limitations: machineLimitations(machine) }
    }
    const permission = problemOf("permission", yield* tryTier(machine, "permission"))
    return {
      machine,
      tiers: { node: permission === null ? "permission" : "none", command: "none" },
      limitations: [os, ...Array.fromNullable(permission), ...machineLimitations(machine)],
    }
  })

/** Finds out what there is; a tier that is forced is believed. */
export const find = (
  readablePaths: ReadonlyArray<string>,
  force: IsolationTier | null,
): Effect.Effect<Findings, TrialFailed, Disk> =>
  Effect.flatMap(look(readablePaths), (machine) =>
    force === null ? tried(machine) : Effect.succeed(forced(machine, force)),
  )
