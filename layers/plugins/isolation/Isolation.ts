import { Data, type Effect } from "effect"
import type { IsolationTier, RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import type { PluginManifest } from "../../../src/domain/PluginManifest.ts"
import type { StagedCode } from "../code/PluginCode.ts"
import type { ProcessOrder } from "../process/WorkerProcess.ts"

/** What a worker may use: seconds of wall clock and of CPU, MiB of memory, the network. */
export interface WorkerLimits {
  readonly timeoutSeconds: number
  readonly cpuSeconds: number
  readonly memoryMb: number
  readonly network: boolean
}

/** A worker that is to be started. */
export interface WorkerPlace {
  readonly plugin: RegisteredPlugin
  readonly code: StagedCode
  /** The working copy: the only place that it may write to. */
  readonly tree: string
  readonly limits: WorkerLimits
}

/** A plugin that can't be run in the isolation that there is. */
export class IsolationUnavailable extends Data.TaggedError("IsolationUnavailable")<{
  readonly plugin: string
  readonly reason: string
}> {
  override get message(): string {
    return `plugin ${this.plugin} can't be isolated here: ${this.reason}`
  }
}

/** How workers are kept apart on this machine. What it can do is tried once, at the first need. */
export interface Isolation {
  readonly tiers: Effect.Effect<Readonly<Record<PluginManifest["runtime"], IsolationTier>>>
  /** Why stronger tiers aren't to be had here, a sentence each. */
  readonly limitations: Effect.Effect<ReadonlyArray<string>>
  /** How a worker is started. */
  readonly order: (
    place: WorkerPlace,
  ) => Effect.Effect<Omit<ProcessOrder, "stdin" | "volume">, IsolationUnavailable>
}
