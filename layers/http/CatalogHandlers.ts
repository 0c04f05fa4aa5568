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
import { RequestRefused } from "./RequestRefused.ts"

/** None, or one that there is: a misspelled one would look as if it had no templates of its own. */
const equipmentOf =
  (equipment: Settings["Type"]["equipment"]) =>
  (id: string | undefined): Effect.Effect<string | null, RequestRefused> => {
    if (id === undefined || equipment.some((known) => known.id === id)) return Effect.succeed(id ?? null)
    const message = `equipment_id: must be one of ${equipment.map((known) => known.id).join(", ")}`
    return new RequestRefused({ code: "malformed_request", message })
  }

export const layer = HttpApiBuilder.group(Api, "catalog", (handlers) =>
  Effect.gen(function* () {
    const { equipment } = yield* Settings
    const plugins = yield* PluginHost
    const engine = yield* TemplateEngine
    const named = equipmentOf(equipment)
    return handlers
      .handle("templates", ({ urlParams }) =>
        enveloped(
          Effect.flatMap(named(urlParams.equipment_id), (equipmentId) =>
            Effect.map(engine.list({ equipmentId }), ({ templates }) =>
              templates.map(templateSummary(equipmentId)),
            ),
          ),
        ),
      )
      .handle("template", ({ path, urlParams }) =>
        enveloped(
          Effect.map(
            Effect.flatMap(named(urlParams.equipment_id), (equipmentId) =>
              findTemplate(engine, path.name, equipmentId),
            ),
            ({ manifest }) => ({ name: path.name, manifest, questionsSchema: questionsSchema(manifest) }),
          ),
        ),
      )
      .handle("equipment", () => Effect.succeed(equipment.map(({ id, label }) => ({ id, label }))))
      .handle("plugins", () => Effect.map(plugins.inventory, pluginList))
  }),
)
