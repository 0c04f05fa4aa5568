import { Command, Options } from "@effect/cli"
import { Effect, Layer, type Option } from "effect"
import type { PluginInventory } from "../../src/domain/PluginCatalog.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"
import * as ProcessPluginHost from "../plugins/ProcessPluginHost.ts"
import { execPlugin, type ExecReport } from "../plugins/tools/execPlugin.ts"
import { lintPlugin } from "../plugins/tools/lintPlugin.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { folderAt, report, strict, unlessUnseen } from "./checking.ts"
import { base, config, json, pairs, pathArgument, readValues, toJson } from "./common.ts"
import { Output } from "./Output.ts"

const host = (config: Option.Option<string>) => Layer.provide(ProcessPluginHost.layer, base(config))

const toView = ({ excluded, limitations, plugins, tiers }: PluginInventory) => ({
  plugins: plugins.map(({ directory, manifest, source }) => ({
    name: manifest.name,
    version: manifest.version,
    description: manifest.description ?? "",
    runtime: manifest.runtime,
    source,
    directory,
  })),
  excluded: excluded.map(({ directory, name, reasons }) => ({ name, directory, reasons })),
  tiers,
  limitations,
})

export const list = Command.make("list", { config, json }, ({ config, json }) =>
  Effect.gen(function* () {
    const { note, result } = yield* Output
    const { inventory } = yield* PluginHost
    const view = toView(yield* inventory)
    if (json) return yield* result(toJson(view))
    for (const one of view.plugins) yield* result(`${one.name}\t${one.version}\t${one.description}`)
    for (const { name, reasons } of view.excluded) yield* note(`${name} is left out: ${reasons.join("; ")}`)
    yield* note(`isolation: ${view.tiers.node} for Node, ${view.tiers.command} for other programs`)
    for (const limitation of view.limitations) yield* note(limitation)
  }).pipe(Effect.provide(host(config))),
).pipe(Command.withDescription("Lists plugins, those left out, and how well they are isolated here."))

const folder = pathArgument("folder", "The plugin's folder")

export const lint = Command.make(
  "lint",
  { config, json, strict, folder },
  ({ config, folder, json, strict }) =>
    Effect.gen(function* () {
      yield* report(yield* lintPlugin(yield* folderAt(folder)), { json, strict })
    }).pipe(Effect.provide(base(config)), unlessUnseen),
).pipe(Command.withDescription("Checks a plugin's manifest and files, and whether it starts."))

const linesOf = ({ applied, changes, prompt, said }: ExecReport): ReadonlyArray<string> => [
  ...said.map(({ level, message }) => `${level}: ${message}`),
  ...changes.map(({ kind, path }) => `${kind} ${path}`),
  ...(prompt === null
    ? []
    : [`asks: ${prompt.reason}`, ...prompt.fields.map(({ id, label }) => `  ${id}: ${label}`)]),
  ...(applied === null ? [] : [`${applied.plugin} ${applied.version}: ${applied.status}`]),
]

/** As a pass that isn't a success is told to a shell. */
const verdict = ({ applied, prompt }: ExecReport): Effect.Effect<void, CommandFailed> => {
  if (prompt !== null) {
    const missing = prompt.fields.map(({ id }) => id).join(", ")
    return new CommandFailed({ message: `it asks for ${missing}: answer with --set NAME=VALUE` })
  }
  if (applied === null || applied.status === "success" || applied.status === "skipped") return Effect.void
  const reason = applied.facts["reason"]
  return new CommandFailed({ message: typeof reason === "string" ? reason : applied.status })
}

const against = Options.text("against").pipe(
  Options.withPseudoName("FOLDER"),
  Options.withDescription("Files as a template would leave them; a copy is changed, never the folder"),
)
const set = pairs("set", "A variable, or an answer to what the plugin asks; the value is YAML")

export const exec = Command.make(
  "exec",
  { config, json, against, set, folder },
  ({ against, config, folder, json, set }) =>
    Effect.gen(function* () {
      const { result } = yield* Output
      const inputs = yield* readValues("set", set)
      const plugin = yield* folderAt(folder)
      const report = yield* execPlugin(plugin, { against: yield* folderAt(against), inputs })
      yield* result(json ? toJson(report) : linesOf(report).join("\n"))
      yield* verdict(report)
    }).pipe(Effect.provide(base(config))),
).pipe(Command.withDescription("Tries a plugin on a copy of a folder, and shows what it changes."))

export const plugins = Command.make("plugins").pipe(
  Command.withDescription("Lists, checks and tries plugins."),
  Command.withSubcommands([list, lint, exec]),
)
