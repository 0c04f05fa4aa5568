import { Array, Effect, Layer, Ref } from "effect"
import { PluginHostUnavailable, PluginVariablesInvalid } from "../../src/domain/Errors.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import type { Answer, Continuation, PluginPass } from "../../src/domain/Plugin.ts"
import type { IsolationTier, PluginCatalog, RegisteredPlugin } from "../../src/domain/PluginCatalog.ts"
import { settingName } from "../../src/domain/settingName.ts"
import type { Disk } from "../../src/ports/Disk.ts"
import { type PassReport, PluginHost } from "../../src/ports/PluginHost.ts"
import { Settings } from "../../src/ports/Settings.ts"
import { bundledPlugins } from "../EmbeddedSettings.ts"
import * as PluginCode from "./code/PluginCode.ts"
import * as Isolation from "./isolation/Isolation.ts"
import { candidatesOf, filesFor, missingVariables } from "./pass/candidates.ts"
import type { HostParts } from "./pass/HostParts.ts"
import { decodePassState } from "./pass/PassState.ts"
import { goThrough, resumePass } from "./pass/runPass.ts"
import { validate } from "./pass/validation.ts"
import * as PluginRegistry from "./registry/PluginRegistry.ts"
import type { TreeImage } from "./tree/TreeImage.ts"

const strength: Readonly<Record<IsolationTier, number>> = { none: 0, permission: 1, os: 2 }

/** Why a plugin that a template names can't be run; null when it can. */
const obstacle = (
  { excluded, plugins }: PluginCatalog,
  name: string,
  isRunnable: (plugin: RegisteredPlugin) => string | null,
): string | null => {
  const plugin = plugins.find(({ manifest }) => manifest.name === name)
  if (plugin !== undefined) return isRunnable(plugin)
  const reasons = excluded.filter((one) => one.name === name).flatMap((one) => one.reasons)
  if (reasons.length > 0) return `plugin ${name}: ${reasons.join("; ")}`
  const known = plugins.map(({ manifest }) => manifest.name).join(", ")
  return `there is no plugin ${name}; there are ${known === "" ? "none" : known}`
}

const make = (parts: HostParts, minIsolation: IsolationTier) => {
  /** Says what keeps a plugin from being run on this machine, as far as the settings care. */
  const runnable = Effect.map(parts.isolation.tiers, (tiers) => (plugin: RegisteredPlugin) => {
    const tier = tiers[plugin.manifest.runtime]
    return strength[tier] >= strength[minIsolation]
      ? null
      : `plugin ${plugin.manifest.name} can only be isolated at tier ${tier} here, and ${settingName("plugins", "minIsolation")} is ${minIsolation}`
  })

  const anything = (): string | null => null

  /** Looks at the isolation only when the settings ask for some. */
  const isRunnable = minIsolation === "none" ? Effect.succeed(anything) : runnable

  const require = Effect.fnUntraced(function* (catalog: PluginCatalog, names: ReadonlyArray<string>) {
    if (names.length === 0) return
    const judge = yield* isRunnable
    const problems = names.map((name) => obstacle(catalog, name, judge)).filter((one) => one !== null)
    if (problems.length > 0) return yield* new PluginHostUnavailable({ reason: problems.join("; ") })
  })

  const check = Effect.fn("PluginHost.check")(function* (
    names: ReadonlyArray<string>,
    variables: JsonObject,
  ) {
    const catalog = yield* parts.catalog
    yield* require(catalog, names)
    const problems = catalog.plugins
      .filter(({ manifest }) => names.includes(manifest.name))
      .flatMap(({ manifest }) =>
        missingVariables(manifest, variables).map((name) => ({
          plugin: manifest.name,
          message: `needs the variable ${name}`,
        })),
      )
    if (Array.isNonEmptyArray(problems)) return yield* new PluginVariablesInvalid({ problems })
  })

  const candidates: PluginHost["Type"]["candidates"] = Effect.fn("PluginHost.candidates")((pass) =>
    Effect.map(parts.catalog, (catalog) =>
      candidatesOf(catalog, pass).map(({ manifest }) => ({
        name: manifest.name,
        files: filesFor(manifest, pass.files),
      })),
    ),
  )

  const start = Effect.fn("PluginHost.start")(function* (pass: PluginPass, report: PassReport) {
    const catalog = yield* parts.catalog
    yield* require(catalog, pass.plugins)
    const willing = candidatesOf(catalog, pass)
    if (willing.length === 0) return { _tag: "Finished", applied: [] } as const
    const judge = yield* isRunnable
    const candidates = willing.filter((plugin) => judge(plugin) === null)
    const next = yield* validate(parts, pass, candidates, report)
    const seen = yield* Ref.make<TreeImage>(new Map())
    return yield* goThrough({ parts, pass, report, catalog, seen }, { applied: [], next, prompts: 0 })
  })

  const goOn = Effect.fn("PluginHost.continue")(function* (
    { pass, state }: Continuation,
    answer: Answer,
    report: PassReport,
  ) {
    const at = yield* Effect.mapError(
      decodePassState(state),
      () => new PluginHostUnavailable({ reason: "where the plugins stopped can't be read any more" }),
    )
    const seen = yield* Ref.make<TreeImage>(new Map())
    return yield* resumePass({ parts, pass, report, catalog: yield* parts.catalog, seen }, at, answer)
  })

  const inventory = Effect.all({
    catalog: parts.catalog,
    tiers: parts.isolation.tiers,
    limitations: parts.isolation.limitations,
  }).pipe(Effect.map(({ catalog, limitations, tiers }) => ({ ...catalog, tiers, limitations })))

  return {
    inventory: Effect.withSpan(inventory, "PluginHost.inventory"),
    declarations: Effect.fn("PluginHost.declarations")((names: ReadonlyArray<string>) =>
      Effect.map(parts.catalog, ({ plugins }) =>
        plugins
          .filter(({ manifest }) => names.includes(manifest.name))
          .map(({ manifest: { name, optionalVariables, requiredVariables } }) => ({
            name,
            requiredVariables,
            optionalVariables,
          })),
      ),
    ),
    check,
    candidates,
    start,
    continue: goOn,
  }
}

export interface HostOptions {
  /** Absolute path of the plugins that come with the service. Default: the package's own. */
  readonly bundled?: string
  /** Use this tier, untried, for tests and for trying a plugin without isolation. Default: the strongest that holds. */
  readonly tier?: IsolationTier
}

/** The parts of a host: also tools that try a plugin need them. */
export const makeParts = ({ bundled = bundledPlugins, tier }: HostOptions) =>
  Effect.gen(function* () {
    const { disk, paths } = yield* Settings
    const roots = [
      { source: "bundled", path: bundled } as const,
      ...(paths.pluginDir === null ? [] : [{ source: "lab", path: paths.pluginDir } as const]),
    ]
    const registry = yield* PluginRegistry.make(roots)
    const code = yield* PluginCode.make
    const isolation = yield* Isolation.make(tier === undefined ? {} : { force: tier })
    const parts: HostParts = {
      catalog: registry.catalog,
      stage: code.stage,
      isolation,
      minFreeBytes: disk.minFreeMib * 1024 * 1024,
    }
    return parts
  })

const makeHost = (options: HostOptions) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Disk>()
    const { plugins } = yield* Settings
    const host = make(yield* makeParts(options), plugins.minIsolation)
    return PluginHost.of({
      ...host,
      start: (pass, report) => Effect.provide(host.start(pass, report), context),
      continue: (continuation, answer, report) =>
        Effect.provide(host.continue(continuation, answer, report), context),
    })
  })

/**
 * Runs each plugin as a process of its own, on a copy of the tree, isolated as well as the machine allows.
 * `docs/plugins.md` says what that stops and what it doesn't.
 */
export const layerWith = (options: HostOptions): Layer.Layer<PluginHost, never, Disk | Settings> =>
  Layer.scoped(PluginHost, makeHost(options))

export const layer: Layer.Layer<PluginHost, never, Disk | Settings> = layerWith({})
