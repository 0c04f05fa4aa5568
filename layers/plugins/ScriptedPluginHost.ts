import { Effect, Layer, Schema } from "effect"
import { PluginFailed, PluginVariablesInvalid } from "../../src/domain/Errors.ts"
import type { Field } from "../../src/domain/Field.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { Answer, type PassStep, PluginApplied, type PluginPass } from "../../src/domain/Plugin.ts"
import type { PluginInventory } from "../../src/domain/PluginCatalog.ts"
import { wireStruct } from "../../src/domain/wire.ts"
import { Disk } from "../../src/ports/Disk.ts"
import { type PassReport, PluginHost } from "../../src/ports/PluginHost.ts"

/** One thing that a scripted plugin does. Without any, it succeeds. */
export type PluginMove =
  /** Makes a file in the tree. */
  | { readonly do: "write"; readonly path: string; readonly content: string }
  /** Asks a person. */
  | { readonly do: "ask"; readonly reason: string; readonly fields: ReadonlyArray<Field> }
  /** Ends the plugin with a failure; the pass goes on, unless failures are fatal. */
  | { readonly do: "fail"; readonly reason: string }
  /** Never comes back, until it is interrupted. */
  | { readonly do: "hang" }
  /** Takes the host with it: a defect. */
  | { readonly do: "crash"; readonly reason: string }
  /** Runs an effect of the test's, e.g. to wait on a latch of its. */
  | { readonly do: "run"; readonly effect: Effect.Effect<void> }

/** By plugin name: its moves, in order, and what it wants of the variables. */
export interface PluginScript {
  readonly moves: ReadonlyArray<PluginMove>
  readonly requiredVariables?: ReadonlyArray<string>
  readonly optionalVariables?: ReadonlyArray<string>
}

export type PluginScripts = Readonly<Record<string, PluginScript>>

/** Where a pass stands. */
const Position = wireStruct({
  plugin: Schema.Int,
  move: Schema.Int,
  written: Schema.Array(Schema.String),
  applied: Schema.Array(PluginApplied),
  answers: Schema.Array(Answer),
})
type Position = typeof Position.Type

const encodePosition = Schema.encode(Position)
const decodePosition = Schema.decodeUnknown(Position)

const outcome = (
  plugin: string,
  status: PluginApplied["status"],
  { answers, written }: Position,
  facts: JsonObject,
): PluginApplied => ({ plugin, version: "0", filesAffected: written, status, facts, answers })

const afterPlugin = (at: Position, applied: PluginApplied): Position => ({
  plugin: at.plugin + 1,
  move: 0,
  written: [],
  answers: [],
  applied: [...at.applied, applied],
})

const makeHost = (scripts: PluginScripts) =>
  Effect.gen(function* () {
    const disk = yield* Disk

    const failPlugin = (
      pass: PluginPass,
      at: Position,
      plugin: string,
      reason: string,
      report: PassReport,
    ) =>
      pass.pluginsFatal
        ? new PluginFailed({ plugin, reason })
        : Effect.zipRight(
            report.warning(`plugin ${plugin} failed: ${reason}`, "plugin_failed"),
            go(pass, afterPlugin(at, outcome(plugin, "failed", at, { reason })), report),
          )

    const askPerson = (pass: PluginPass, at: Position, plugin: string, move: PluginMove & { do: "ask" }) =>
      Effect.map(Effect.orDie(encodePosition({ ...at, move: at.move + 1 })), (state): PassStep => {
        const prompt = { promptId: crypto.randomUUID(), plugin, reason: move.reason, fields: move.fields }
        return { _tag: "Asked", prompt, continuation: { pass, state } }
      })

    const play = (pass: PluginPass, at: Position, plugin: string, move: PluginMove, report: PassReport) => {
      const next = { ...at, move: at.move + 1 }
      switch (move.do) {
        case "write":
          return Effect.zipRight(
            disk.createFile(`${pass.tree}/${move.path}`, move.content),
            go(pass, { ...next, written: [...at.written, move.path] }, report),
          )
        case "ask":
          return askPerson(pass, at, plugin, move)
        case "fail":
          return failPlugin(pass, at, plugin, move.reason, report)
        case "hang":
          return Effect.never
        case "crash":
          return Effect.dieMessage(move.reason)
        case "run":
          return Effect.zipRight(move.effect, go(pass, next, report))
      }
    }

    const go = (
      pass: PluginPass,
      at: Position,
      report: PassReport,
    ): ReturnType<PluginHost["Type"]["start"]> =>
      Effect.suspend(() => {
        const plugin = pass.plugins[at.plugin]
        if (plugin === undefined) return Effect.succeed<PassStep>({ _tag: "Finished", applied: at.applied })
        const move = scripts[plugin]?.moves[at.move]
        if (move !== undefined) return play(pass, at, plugin, move, report)
        return Effect.zipRight(
          report.progress(at.plugin + 1, pass.plugins.length, plugin),
          go(pass, afterPlugin(at, outcome(plugin, "success", at, {})), report),
        )
      })

    const start: Position = { plugin: 0, move: 0, written: [], applied: [], answers: [] }
    return PluginHost.of({
      inventory: Effect.succeed(inventoryOf(scripts)),
      declarations: (names) =>
        Effect.succeed(
          names.flatMap((name) => {
            const script = scripts[name]
            if (script === undefined) return []
            const { requiredVariables = [], optionalVariables = [] } = script
            return [{ name, requiredVariables, optionalVariables }]
          }),
        ),
      check: (names, variables) => checkNames(scripts, names, variables),
      candidates: ({ files, plugins }) => Effect.succeed(plugins.map((name) => ({ name, files }))),
      start: (pass, report) => go(pass, start, report),
      continue: ({ pass, state }, answer, report) =>
        Effect.flatMap(Effect.orDie(decodePosition(state)), (at) =>
          go(pass, { ...at, answers: [...at.answers, answer] }, report),
        ),
    })
  })

const inventoryOf = (scripts: PluginScripts): PluginInventory => ({
  plugins: Object.entries(scripts).map(([name, { optionalVariables = [], requiredVariables = [] }]) => ({
    manifest: {
      name,
      version: "0",
      apiVersion: "1",
      runtime: "command",
      command: ["scripted"],
      matches: [],
      requiredVariables,
      optionalVariables,
      isolation: { timeoutSeconds: 30, memoryMb: 512, network: false },
    },
    directory: "/scripted",
    source: "lab",
  })),
  excluded: [],
  replaced: [],
  tiers: { node: "none", command: "none" },
  limitations: ["scripts run in the service itself"],
})

const checkNames = (scripts: PluginScripts, names: ReadonlyArray<string>, variables: JsonObject) => {
  const problems = names.flatMap((plugin) => {
    const script = scripts[plugin]
    if (script === undefined) return [{ plugin, message: "is not known" }]
    return (script.requiredVariables ?? [])
      .filter((name) => !Object.hasOwn(variables, name) || variables[name] === "")
      .map((name) => ({ plugin, message: `needs the variable ${name}` }))
  })
  const [first, ...others] = problems
  return first === undefined ? Effect.void : new PluginVariablesInvalid({ problems: [first, ...others] })
}

/** A host that plays scripts instead of running programs: for tests, and for demonstrations without plugins. */
export const layerTest = (scripts: PluginScripts): Layer.Layer<PluginHost, never, Disk> =>
  Layer.effect(PluginHost, makeHost(scripts))
