import { constants } from "node:os"
import type { PluginStatus } from "../../../../src/domain/Plugin.ts"
import type { IsolationTier, RegisteredPlugin } from "../../../../src/domain/PluginCatalog.ts"

export type Runtime = RegisteredPlugin["manifest"]["runtime"]

/** What may come of an attack that wasn't contained, as seen from outside. */
export type Harm =
  | "saw what isn't its own"
  | "wrote outside"
  | "changed the tree"
  | "changed code"
  | "left files"
  | "reached the network"
  | "was called"
  | "left a process"
  | "killed a process"
  | "killed the service"
  | "took the memory"
  | "took the processes"

/** How its plugin is recorded, and what got through: nothing, or this gap, which `docs/plugins.md` tells. */
export type Outcome =
  | PluginStatus
  | `gap: ${Harm}`
  | `${PluginStatus}; gap: ${Harm}`
  | `${PluginStatus}; gap: ${Harm}, ${Harm}`
  | `${PluginStatus}; gap: ${Harm}, ${Harm}, ${Harm}`

/** For all tiers, or by tier, or by tier and runtime. */
export type Expected =
  Outcome | Readonly<Partial<Record<IsolationTier | `${IsolationTier} ${Runtime}`, Outcome>>>

export interface Attack {
  /** The fixture's file. */
  readonly family: string
  /** What it does of all that it can. */
  readonly how: string
  /** Both, unless it says otherwise. */
  readonly runtimes: ReadonlyArray<Runtime>
  readonly expected: Expected
  readonly timeoutSeconds: number
  readonly memoryMb: number
  /** The gap is there only for a service that is run by root. */
  readonly isRootsGap: boolean
  /** The gap is there unless somebody happens to look in time. */
  readonly isByChance: boolean
}

/** An attack by a plugin of one runtime. */
export interface Trial {
  readonly attack: Attack
  readonly runtime: Runtime
}

const withoutGap = (outcome: string): string => outcome.split("; gap")[0] ?? ""

/** What may come of an attack. */
export const expectedOn = (
  { expected, isByChance, isRootsGap }: Attack,
  tier: IsolationTier,
  isRoot: boolean,
): ReadonlyArray<string> => {
  const outcome = typeof expected === "string" ? expected : (expected[tier] ?? "")
  if (isRootsGap && !isRoot) return [withoutGap(outcome)]
  return isByChance ? [outcome, withoutGap(outcome)] : [outcome]
}

/** With what code the end of an attacker is recorded: of a signal it is what a shell would say. */
export const exitCodeOf = ({ family, how }: Attack): number | null => {
  if (family !== "ends") return null
  const [what = "", which = ""] = how.split(" ")
  const number = Object.entries(constants.signals).find(([name]) => name === which)?.[1]
  return what === "code" ? Number(which) : 128 + (number ?? 0)
}

/** A plugin's name that says what it does. */
export const nameOf = ({ family, how }: Attack, runtime: Runtime): string =>
  `${runtime}-${family}-${how.replaceAll(/[^A-Za-z0-9]+/g, "-")}`.slice(0, 64)
