import { Effect, Either } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import type { RegisteredPlugin } from "../../../src/domain/PluginCatalog.ts"
import type { LintFinding } from "../../../src/domain/Template.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import type { Settings } from "../../../src/ports/Settings.ts"
import { listCode } from "../code/CodeListing.ts"
import { temporaryDirectory } from "../code/temporaryDirectory.ts"
import { validationLimits } from "../pass/limits.ts"
import { runWorker } from "../pass/runWorker.ts"
import { type HostOptions, makeParts } from "../ProcessPluginHost.ts"
import { manifestFile } from "../registry/decodePluginManifest.ts"
import { hasFile, openPlugin } from "./openPlugin.ts"
import { listener, trialPass } from "./trial.ts"

const finding = (
  severity: LintFinding["severity"],
  code: string,
  message: string,
  file = manifestFile,
  line = 0,
): LintFinding => ({ file, line, severity, code, message })

/** Reasons begin with their place in the manifest. */
const fromReason = (reason: string): LintFinding => {
  const [, line = "0", message = reason] = /^manifest\.yaml(?::(\d+))? (.*)$/s.exec(reason) ?? []
  return finding("error", "manifest_invalid", message, manifestFile, Number(line))
}

/** Names that a template could ask for. */
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** What works and could be better. */
const advice = ({ manifest }: RegisteredPlugin): ReadonlyArray<LintFinding> => {
  const { author, description, isolation, matches, optionalVariables, requiredVariables, version } = manifest
  const names = [...requiredVariables, ...optionalVariables]
  const warn = (isOne: boolean, code: string, message: string) =>
    isOne ? [finding("warning", code, message)] : []
  return [
    ...names
      .filter((name) => !variableName.test(name))
      .map((name) => finding("error", "variable_unusable", `no template can ask for a variable ${name}`)),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => finding("warning", "variable_twice", `the variable ${name} is declared twice`)),
    ...warn(
      description === undefined || description.trim() === "",
      "no_description",
      "say in `description` what it does",
    ),
    ...warn(author === undefined || author.trim() === "", "no_author", "say in `author` whom to ask"),
    ...warn(
      !/^\d+\.\d+(\.\d+)?/.test(version),
      "version_unclear",
      `version ${version}: write it as 1.0.0, so that records can be compared`,
    ),
    ...warn(
      matches.length === 0,
      "matches_everything",
      "without `matches` it is given every file, and runs only where a template names it",
    ),
    ...warn(isolation.network, "network", "it asks for the network: the service's settings must allow that"),
  ]
}

const codeFindings = (plugin: RegisteredPlugin) =>
  listCode(plugin.directory).pipe(
    Effect.as<ReadonlyArray<LintFinding>>([]),
    Effect.catchTag("CodeRefused", ({ reason }) =>
      Effect.succeed([finding("error", "code_unusable", `its folder ${reason}`, ".")]),
    ),
  )

/** Starts it as the service would, to look at variables. */
const startFindings = (plugin: RegisteredPlugin, options: HostOptions) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const parts = yield* makeParts(options)
    const scratch = yield* temporaryDirectory
    // The service sees to it that what is required is there.
    const given = plugin.manifest.requiredVariables.map((name) => [name, "1"] as const)
    const pass = trialPass(scratch, plugin.manifest.name, Object.fromEntries(given))
    yield* disk.makeDirectory(pass.tree)
    const code = yield* parts.stage(plugin)
    const nothing = { files: [], extraInputs: null, resumeFile: null, dryRun: true }
    const job = {
      plugin,
      code,
      pass,
      mode: "validate",
      tree: joinPath(scratch, "tree"),
      limits: validationLimits,
    } as const
    const { outcome } = yield* runWorker(parts, { ...job, ...nothing }, listener([]))
    if (outcome._tag === "Result") return []
    switch (outcome._tag) {
      case "Crashed":
        return [finding("error", "does_not_run", `started to look at variables, ${outcome.reason}`, ".")]
      case "Failed":
        return [
          finding("error", "does_not_run", `started to look at variables, it said: ${outcome.message}`, "."),
        ]
      case "Asked":
        return [finding("error", "asks_too_early", "it asks for input where only variables are checked", ".")]
    }
  }).pipe(
    Effect.catchTags({
      PluginCodeUnusable: ({ reason }) => Effect.succeed([finding("error", "code_unusable", reason, ".")]),
      IsolationUnavailable: ({ reason }) => Effect.succeed([finding("error", "does_not_run", reason, ".")]),
    }),
    Effect.scoped,
  )

/**
 * What is wrong with a plugin's folder, or could be better: its manifest, its files, whether it starts and
 * speaks the protocol. It is started, isolated as well as here can be, without any files.
 */
export const lintPlugin = Effect.fn("PluginTools.lint")(function* (
  directory: string,
  options: HostOptions = {},
): Effect.fn.Return<ReadonlyArray<LintFinding>, DiskError, Disk | Settings> {
  const opened = yield* openPlugin(directory)
  if (Either.isLeft(opened)) return opened.left.map(fromReason)
  const plugin = opened.right
  const code = yield* codeFindings(plugin)
  const readme = (yield* hasFile(plugin, "README.md"))
    ? []
    : [finding("warning", "no_readme", "a README.md tells those who come after you what it does", ".")]
  const started = code.length > 0 ? [] : yield* startFindings(plugin, options)
  return [...advice(plugin), ...code, ...readme, ...started]
})
