import type { PluginList, TemplateSummary } from "../../src/api/CatalogApi.ts"
import type { PluginInventory } from "../../src/domain/PluginCatalog.ts"
import type { TemplateList } from "../../src/ports/TemplateEngine.ts"

export const templateSummary =
  (equipmentId: string | null) =>
  ({ located, name }: TemplateList["templates"][number]): TemplateSummary => {
    const { description = "", plugins = [], runScope = "both", type, version } = located.manifest
    const own = located.origin === "equipment"
    return { name, version, type, runScope, description, plugins, equipmentId: own ? equipmentId : null }
  }

/** Folders on this machine are nobody's business who calls. */
export const pluginList = ({ excluded, limitations, plugins, tiers }: PluginInventory): PluginList => ({
  plugins: plugins.map(({ manifest, source }) => ({
    name: manifest.name,
    version: manifest.version,
    source,
    runtime: manifest.runtime,
    description: manifest.description ?? "",
    tier: tiers[manifest.runtime],
    matches: manifest.matches,
    requiredVariables: manifest.requiredVariables,
    optionalVariables: manifest.optionalVariables,
  })),
  excluded: excluded.map(({ name, reasons, source }) => ({ name, source, reasons })),
  limitations,
})
