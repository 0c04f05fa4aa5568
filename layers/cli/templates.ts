import { resolve } from "node:path"
import { Args, Command, Options } from "@effect/cli"
import { Effect, Layer, Option } from "effect"
import { Settings } from "../../src/ports/Settings.ts"
import { TemplateEngine, type TemplateList } from "../../src/ports/TemplateEngine.ts"
import * as HandlebarsTemplateEngine from "../templates/HandlebarsTemplateEngine.ts"
import { base, config, help, json, pathArgument, report, toJson } from "./common.ts"
import { Output } from "./Output.ts"

const engine = (config: Option.Option<string>) =>
  Layer.provideMerge(HandlebarsTemplateEngine.layer, base(config))

const equipment = Options.text("equipment").pipe(
  Options.withPseudoName("ID"),
  Options.withDescription("With this equipment's own templates"),
  Options.optional,
)

const toView = ({ templates, unusable }: TemplateList) => ({
  templates: templates.map(({ name, located: { manifest, origin, root } }) => ({
    name,
    type: manifest.type,
    version: manifest.version,
    description: manifest.description ?? "",
    origin,
    path: root,
  })),
  unusable: unusable.map(({ error, name }) => ({ name, message: error.message })),
})

const list = Command.make("list", { config, equipment, json }, ({ config, equipment, json }) =>
  Effect.gen(function* () {
    const { note, result } = yield* Output
    const templates = yield* TemplateEngine
    const view = toView(yield* templates.list({ equipmentId: Option.getOrNull(equipment) }))
    if (json) return yield* result(toJson(view))
    for (const { description, name, type } of view.templates)
      yield* result(`${name}\t${type}\t${description}`)
    for (const { message } of view.unusable) yield* note(message)
  }).pipe(Effect.provide(engine(config))),
).pipe(Command.withDescription(help("Lists the templates.", "templates list --json")))

const path = Args.optional(
  pathArgument("path", "A template, or a folder of templates; default: the settings' templates"),
)

const lint = Command.make("lint", { config, json, path }, ({ config, json, path }) =>
  Effect.gen(function* () {
    const templates = yield* TemplateEngine
    const { paths } = yield* Settings
    const folder = Option.match(path, { onNone: () => paths.templatesDir, onSome: (one) => resolve(one) })
    yield* report(yield* templates.lint(folder), json)
  }).pipe(Effect.provide(engine(config))),
).pipe(
  Command.withDescription(help("Checks templates without using them.", "templates lint templates/my_run")),
)

export const templates = Command.make("templates").pipe(
  Command.withDescription(help("Lists and checks templates.", "templates list")),
  Command.withSubcommands([list, lint]),
)
