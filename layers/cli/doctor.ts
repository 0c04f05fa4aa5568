import { Command } from "@effect/cli"
import { Effect, Option } from "effect"
import { joinPath, parentPath } from "../../src/domain/Destination.ts"
import type { DiskError } from "../../src/domain/Errors.ts"
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
import { syncChecks } from "./doctorSync.ts"
import { Output } from "./Output.ts"
import { sentenceOf } from "./sentences.ts"

const leastNode = [20, 20] as const

export const nodeCheck = (version: string): Check => {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number)
  return major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])
    ? ok("node", `Node.js ${version}`)
    : error("node", `Node.js ${version} is too old`, `install Node.js ${leastNode.join(".")} or newer`)
}

/** The folder itself, or the nearest one above it that is there. */
const nearestFolder = (path: string): Effect.Effect<string, DiskError, Disk> =>
  Effect.gen(function* () {
    const disk = yield* Disk
    return Option.isSome(yield* disk.lstat(path)) ? path : yield* nearestFolder(parentPath(path))
  })

/** Writes a file there, locks it, and takes it away. */
const rootCheck = Effect.gen(function* () {
  const disk = yield* Disk
  const { paths } = yield* Settings
  const folder = yield* nearestFolder(paths.localRoot)
  const probe = joinPath(folder, `.exlab-wizard-doctor-${process.pid}`)
  const use = Effect.scoped(disk.lock(probe, "1 second"))
  yield* Effect.acquireUseRelease(
    disk.createFile(probe, ""),
    () => use,
    () => Effect.ignore(disk.removeFile(probe)),
  )
  return ok("local_root", `${paths.localRoot} can be written to, and its files can be locked`)
}).pipe(
  Effect.catchAll((failure) =>
    Effect.succeed(
      error(
        "local_root",
        sentenceOf(failure) ?? "",
        "let the service's user write there, or set paths.local_root to a local folder",
      ),
    ),
  ),
)

const roomCheck = Effect.gen(function* () {
  const disk = yield* Disk
  const { disk: limits, paths } = yield* Settings
  const free = Math.floor((yield* disk.freeBytes(yield* nearestFolder(paths.localRoot))) / 1024 / 1024)
  return free >= limits.minFreeMib
    ? ok("room", `${free} MiB are free`)
    : error("room", `${free} MiB are free, and disk.min_free_mib is ${limits.minFreeMib}`, "make room")
}).pipe(Effect.catchAll(({ message }) => Effect.succeed(error("room", message, "look at paths.local_root"))))

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
  Effect.catchAll(({ message }) =>
    Effect.succeed(error("templates", message, "set paths.templates_dir to a folder with templates")),
  ),
)

const remedyFor = (limitation: string): string =>
  /prlimit/.test(limitation)
    ? "install util-linux"
    : /root/.test(limitation)
      ? "run the service as a user of its own"
      : "install bubblewrap, and let its user make namespaces"

const pluginChecks = Effect.gen(function* () {
  const { inventory } = yield* PluginHost
  const { excluded, limitations, plugins, tiers } = yield* inventory
  return [
    ok("plugins", `${plugins.length} can be used`),
    ...excluded.map(({ directory, name, reasons }) =>
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
      yield* templatesCheck,
      ...(yield* pluginChecks),
      ...(yield* syncChecks),
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
