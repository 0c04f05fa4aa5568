import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { JsonObject } from "../domain/Json.ts"
import { IsolationTier } from "../domain/PluginCatalog.ts"
import { Manifest, RunScope, TemplateType } from "../domain/Template.ts"
import { wireStruct } from "../domain/wire.ts"
import { NotFound, Refused } from "./ApiError.ts"
import * as examples from "./examples.ts"

/** A template as a list shows it. */
export const TemplateSummary = wireStruct({
  /** What a request's `template_path` may say. */
  name: Schema.String,
  version: Schema.String,
  type: TemplateType,
  runScope: RunScope,
  description: Schema.String,
  plugins: Schema.Array(Schema.String),
  /** Set when the template is served for one equipment only. */
  equipmentId: Schema.NullOr(Schema.String),
}).annotations({ identifier: "TemplateSummary" })
export type TemplateSummary = typeof TemplateSummary.Type

/** A template with all that a form needs. */
const TemplateDetails = wireStruct({
  name: Schema.String,
  manifest: Manifest,
  /** The questions as a JSON Schema (2020-12) of an object. */
  questionsSchema: JsonObject,
}).annotations({ identifier: "TemplateDetails", examples: [examples.templateDetails] })

const Equipment = wireStruct({
  id: Schema.String,
  label: Schema.String,
}).annotations({ identifier: "Equipment" })

const Source = Schema.Literal("bundled", "lab")

const PluginSummary = wireStruct({
  name: Schema.String,
  version: Schema.String,
  source: Source,
  runtime: Schema.Literal("node", "command"),
  description: Schema.String,
  /** How well it is kept apart on this machine. */
  tier: IsolationTier,
  matches: Schema.Array(Schema.String),
  requiredVariables: Schema.Array(Schema.String),
  optionalVariables: Schema.Array(Schema.String),
}).annotations({ identifier: "PluginSummary" })

export const PluginList = wireStruct({
  plugins: Schema.Array(PluginSummary),
  /** Folders that look like plugins and can't be used, with the reasons. */
  excluded: Schema.Array(
    wireStruct({ name: Schema.String, source: Source, reasons: Schema.Array(Schema.String) }),
  ),
  /** Why stronger isolation isn't to be had here. */
  limitations: Schema.Array(Schema.String),
}).annotations({ identifier: "PluginList", examples: [examples.plugins] })
export type PluginList = typeof PluginList.Type

const Scope = Schema.Struct({
  /** Also the templates of this equipment alone. */
  equipment_id: Schema.optionalWith(Schema.String, { exact: true }),
})

const templates = HttpApiEndpoint.get("templates", "/templates")
  .setUrlParams(Scope)
  .addSuccess(Schema.Array(TemplateSummary).annotations({ examples: [[examples.template]] }))
  .annotate(OpenApi.Summary, "Templates that requests may name")

const template = HttpApiEndpoint.get("template", "/templates/:name")
  .setPath(Schema.Struct({ name: Schema.String }))
  .setUrlParams(Scope)
  .addSuccess(TemplateDetails)
  .addError(NotFound)
  .addError(Refused)
  .annotate(OpenApi.Summary, "One template, with its questions")

const equipment = HttpApiEndpoint.get("equipment", "/equipment")
  .addSuccess(Schema.Array(Equipment).annotations({ examples: [[examples.equipment]] }))
  .annotate(OpenApi.Summary, "Instruments that this service creates directories for")

const plugins = HttpApiEndpoint.get("plugins", "/plugins")
  .addSuccess(PluginList)
  .annotate(OpenApi.Summary, "Plugins, those left out, and how they are isolated")

/** What a form or a browser needs to know before it opens a session. */
export class CatalogApi extends HttpApiGroup.make("catalog")
  .add(templates)
  .add(template)
  .add(equipment)
  .add(plugins) {}
