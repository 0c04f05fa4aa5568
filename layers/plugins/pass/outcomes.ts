import type { JsonObject } from "../../../src/domain/Json.ts"
import type { Answer, PluginApplied, PluginStatus } from "../../../src/domain/Plugin.ts"
import type { IsolationTier, RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import type { Usage } from "./PassState.ts"

/** What is known of a plugin's work when it has ended, well or not. */
export interface Work {
  readonly plugin: RegisteredPlugin
  readonly tier: IsolationTier
  readonly codeDigest: string | null
  /** Of the tree before the plugin. */
  readonly treeBefore: string | null
  readonly answers: ReadonlyArray<Answer>
  /** None while no worker ran. */
  readonly usage: (Usage & { readonly exitCode: number }) | null
}

const present = (facts: Record<string, string | null>): JsonObject =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null))

/** The entry of a plugin in the record of a pass. */
export const appliedOf = (
  work: Work,
  status: PluginStatus,
  outcome: {
    readonly files?: ReadonlyArray<string>
    readonly treeAfter?: string
    readonly reason?: string
  },
): PluginApplied => {
  const { answers, codeDigest, plugin, tier, treeBefore, usage } = work
  return {
    plugin: plugin.manifest.name,
    version: plugin.manifest.version,
    filesAffected: outcome.files ?? [],
    status,
    ...(usage === null ? {} : { isolation: usage }),
    facts: present({
      source: plugin.source,
      tier,
      code_digest: codeDigest,
      tree_before: treeBefore,
      tree_after: outcome.treeAfter ?? treeBefore,
      reason: outcome.reason ?? null,
    }),
    answers,
  }
}

/** A plugin that a suspended pass was to go on with, and that isn't there any more. */
export const vanished = (plugin: string, answers: ReadonlyArray<Answer> = []): PluginApplied => ({
  plugin,
  version: "unknown",
  filesAffected: [],
  status: "failed",
  facts: { reason: "it isn't there any more" },
  answers,
})
