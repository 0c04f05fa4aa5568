import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../../src/api/Api.ts"
import { questionsSchema } from "../../src/domain/questionsSchema.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { TemplateEngine } from "../../src/ports/TemplateEngine.ts"
import { pluginList, templateSummary } from "./catalogViews.ts"
import { enveloped } from "./envelopes.ts"
import { findTemplate } from "./findTemplate.ts"

export const layer = HttpApiBuilder.group(Api, "catalog", (handlers) =>
  Effect.gen(function* () {
    const { equipment } = yield* Settings
    const plugins = yield* PluginHost
    const engine = yield* TemplateEngine
    return handlers
      .handle("templates", ({ urlParams }) =>
        enveloped(
          Effect.map(engine.list({ equipmentId: urlParams.equipment_id ?? null }), ({ templates }) =>
            templates.map(templateSummary(urlParams.equipment_id ?? null)),
          ),
        ),
      )
      .handle("template", ({ path, urlParams }) =>
        enveloped(
          Effect.map(findTemplate(engine, path.name, urlParams.equipment_id ?? null), ({ manifest }) => ({
            name: path.name,
            manifest,
            questionsSchema: questionsSchema(manifest),
          })),
        ),
      )
      .handle("equipment", () => Effect.succeed(equipment.map(({ id, label }) => ({ id, label }))))
      .handle("plugins", () => Effect.map(plugins.inventory, pluginList))
  }),
)
