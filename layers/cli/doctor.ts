import { Command } from "@effect/cli"
import { Effect } from "effect"
import { Disk } from "../../src/ports/Disk.ts"
import { PluginHost } from "../../src/ports/PluginHost.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { TemplateEngine } from "../../src/ports/TemplateEngine.ts"
import * as SettingsTransport from "../nas/transports/SettingsTransport.ts"
import * as ProcessPluginHost from "../plugins/ProcessPluginHost.ts"
import * as HandlebarsTemplateEngine from "../templates/HandlebarsTemplateEngine.ts"
import { CommandFailed } from "./CommandFailed.ts"
import { base, config, json, toJson } from "./common.ts"
import { type Check, error, ok, warning } from "./doctorChecks.ts"
import { httpChecks } from "./doctorHttp.ts"
import { rootCheck, roomCheck, stateCheck } from "./doctorPlaces.ts"
import { syncChecks } from "./doctorSync.ts"
import { Output } from "./Output.ts"
import { obstacle } from "./sentences.ts"

const leastNode = [20, 20] as const

export const nodeCheck = (version: string): Check => {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number)
  return major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])
    ? ok("node", `Node.js ${version}`)
    : error("node", `Node.js ${version} is too old`, `install Node.js ${leastNode.join(".")} or newer`)
}

const templatesCheck = Effect.gen(function* () {
  const { paths } = yield* Settings
  const findings = yield* (yield* TemplateEngine).lint(paths.templatesDir)
  const errors = findings.filter(({ severity }) => severity === "error")
  return errors.length === 0
    ? ok("templates", `${paths.templatesDir} has no errors`)
    : error(
        "templates",
        `${errors.length} errors in ${paths.templatesDir}`,
        "run exlab-wizard templates lint",
      )
}).pipe(
  Effect.catchAll((failure) =>
    Effect.succeed(
      error("templates", obstacle(failure), "set paths.templates_dir to a folder with templates"),
    ),
  ),
)

/** The lab's own folder of plugins, as far as it can't be looked into. */
const pluginDirChecks = Effect.gen(function* () {
  const disk = yield* Disk
  const { paths } = yield* Settings
  if (paths.pluginDir !== null) yield* disk.list(yield* disk.realPath(paths.pluginDir))
  return []
}).pipe(
  Effect.catchAll((failure) => {
    const remedy = "set paths.plugin_dir to a folder with plugins"
    return Effect.succeed([warning("plugins", obstacle(failure), remedy)])
  }),
)

const remedyFor = (limitation: string): string =>
  /prlimit/.test(limitation)
    ? "install util-linux"
    : /root/.test(limitation)
      ? "run the service as a user of its own"
      : "install bubblewrap, and let its user make namespaces"

const pluginChecks = Effect.gen(function* () {
  const { paths } = yield* Settings
  const { inventory } = yield* PluginHost
  const { excluded, limitations, plugins, tiers } = yield* inventory
  const leftOut = excluded.filter(({ directory }) => directory !== paths.pluginDir)
  return [
    ok("plugins", `${plugins.length} can be used`),
    ...(yield* pluginDirChecks),
    ...leftOut.map(({ directory, name, reasons }) =>
      warning(
        "plugins",
        `${name} is left out: ${reasons.join("; ")}`,
        `run exlab-wizard plugins lint ${directory}`,
      ),
    ),
    ok("isolation", `tier ${tiers.node} for Node.js, ${tiers.command} for other programs`),
    ...limitations.map((limitation) => warning("isolation", limitation, remedyFor(limitation))),
  ]
})

const lineOf = ({ message, name, remedy, status }: Check): string =>
  `${status.padEnd(7)} ${name}: ${message}${remedy === "" ? "" : `\n        → ${remedy}`}`

export const doctor = Command.make("doctor", { config, json }, ({ config, json }) =>
  Effect.gen(function* () {
    const { result } = yield* Output
    const checks = [
      nodeCheck(process.version),
      yield* rootCheck,
      yield* roomCheck,
      yield* stateCheck,
      yield* templatesCheck,
      ...(yield* pluginChecks),
      ...(yield* syncChecks),
      ...(yield* httpChecks),
    ]
    yield* result(json ? toJson(checks) : checks.map(lineOf).join("\n"))
    const errors = checks.filter(({ status }) => status === "error").length
    if (errors > 0)
      return yield* new CommandFailed({
        message: `${errors === 1 ? "one thing keeps" : `${errors} things keep`} the service from working`,
      })
  }).pipe(
    Effect.provide([HandlebarsTemplateEngine.layer, ProcessPluginHost.layer, SettingsTransport.layer]),
    Effect.provide(base(config)),
  ),
).pipe(Command.withDescription("Looks for what this machine lacks, and says what to do about it."))
