import { Args, Command, Options } from "@effect/cli"
import { Effect, Layer, Option } from "effect"
import type { EquipmentSettings } from "../../src/domain/Settings.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { TemplateEngine, type TemplateList } from "../../src/ports/TemplateEngine.ts"
import * as HandlebarsTemplateEngine from "../templates/HandlebarsTemplateEngine.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { folderAt, report, strict, unlessUnseen } from "./checking.ts"
import { base, config, json, pathArgument, toJson } from "./common.ts"
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

const refuseUnknown = (id: Option.Option<string>, known: ReadonlyArray<EquipmentSettings>) => {
  const ids = known.map((one) => one.id)
  return Option.isNone(id) || ids.includes(id.value)
    ? Effect.void
    : new CommandFailed({
        message: `--equipment ${id.value}: ${ids.length === 0 ? "the settings have none" : `must be one of ${ids.join(", ")}`}`,
      })
}

export const list = Command.make("list", { config, equipment, json }, ({ config, equipment, json }) =>
  Effect.gen(function* () {
    const { note, result } = yield* Output
    const templates = yield* TemplateEngine
    const { equipment: known, paths } = yield* Settings
    yield* refuseUnknown(equipment, known)
    const view = toView(yield* templates.list({ equipmentId: Option.getOrNull(equipment) }))
    if (json) return yield* result(toJson(view))
    for (const { description, name, type } of view.templates)
      yield* result(`${name}\t${type}\t${description}`)
    for (const { message } of view.unusable) yield* note(message)
    if (view.templates.length === 0)
      yield* note(
        `there are no templates in ${paths.templatesDir}: set paths.templates_dir to where they are`,
      )
  }).pipe(Effect.provide(engine(config))),
).pipe(Command.withDescription("Lists the templates."))

const path = Args.optional(
  pathArgument("path", "A template, or a folder of templates; default: the settings' templates"),
)

export const lint = Command.make("lint", { config, json, strict, path }, ({ config, json, path, strict }) =>
  Effect.gen(function* () {
    const templates = yield* TemplateEngine
    const { paths } = yield* Settings
    const folder = yield* folderAt(Option.getOrElse(path, () => paths.templatesDir))
    yield* report(yield* templates.lint(folder), { json, strict })
  }).pipe(Effect.provide(engine(config)), unlessUnseen),
).pipe(Command.withDescription("Checks templates without using them."))

export const templates = Command.make("templates").pipe(
  Command.withDescription("Lists and checks templates."),
  Command.withSubcommands([list, lint]),
)
