import type { Effect } from "effect"
import type { PluginCatalog, RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import type { PluginCodeUnusable, StagedCode } from "../code/PluginCode.ts"
import type { Isolation } from "../isolation/Isolation.ts"

/** What a host is made of. */
export interface HostParts {
  readonly catalog: Effect.Effect<PluginCatalog>
  readonly stage: (plugin: RegisteredPlugin) => Effect.Effect<StagedCode, PluginCodeUnusable>
  readonly isolation: Isolation
  /** Room that a volume must keep while plugins work on it. */
  readonly minFreeBytes: number
}
