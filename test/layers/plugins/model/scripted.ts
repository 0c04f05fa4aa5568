import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Context, DateTime, Effect, Layer } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../../layers/EmbeddedSettings.ts"
import { layerWith } from "../../../../layers/plugins/ProcessPluginHost.ts"
import type { JsonObject } from "../../../../src/domain/Json.ts"
import type { PassStep, PluginApplied, PluginPass } from "../../../../src/domain/Plugin.ts"
import type { IsolationTier } from "../../../../src/domain/PluginCatalog.ts"
import { type PassReport, PluginHost } from "../../../../src/ports/PluginHost.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import type { Step } from "./model.ts"

const program = fileURLToPath(new URL("../../../fixtures/plugins/scripted/plugin.py", import.meta.url))

/** The plugins that follow scripts, in their order. */
export const scriptedNames = ["one", "two", "three"] as const

const manifestOf = (name: string) => `name: ${name}
version: "1"
api_version: "1"
runtime: command
command: ["/usr/bin/python3", "-S", "-B", "plugin.py"]
`

/** The folder of a plugin that follows this script, or the one of its name among the variables of a pass. */
export const writeScripted = (
  plugins: string,
  name: string,
  script: ReadonlyArray<Step> | null = null,
): void => {
  const folder = join(plugins, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "manifest.yaml"), manifestOf(name))
  writeFileSync(join(folder, "script.json"), JSON.stringify({ name, script }))
  copyFileSync(program, join(folder, "plugin.py"))
}

/** Where the tests of one file take place. */
export class Ground extends Context.Tag("test/Ground")<Ground, { readonly root: string }>() {}

const ground = Layer.scoped(
  Ground,
  Effect.map(temporaryDirectory, (root) => {
    for (const name of scriptedNames) writeScripted(join(root, "plugins"), name)
    return { root }
  }),
)

const hostOn = (root: string, tier: IsolationTier) =>
  layerWith({ bundled: join(root, "plugins"), tier }).pipe(
    Layer.provide(Settings.layer(withDefaults({ paths: { localRoot: root, templatesDir: root } }))),
  )

/** The real host with scripted plugins, on a disk that faults can be put into. */
export const scriptedHost = (tier: IsolationTier) =>
  Layer.unwrapEffect(Effect.map(Ground, ({ root }) => hostOn(root, tier))).pipe(
    Layer.provideMerge(FaultDisk.layer),
    Layer.provide(NodeDisk.layer),
    Layer.provideMerge(ground),
  )

let passes = 0

/** A pass with a place of its own below the root; the tree is still to be written. */
export const newPass = (
  root: string,
  scripts: Readonly<Record<string, ReadonlyArray<Step>>>,
): PluginPass & { readonly scratch: string } => {
  const scratch = join(root, `pass-${passes++}`)
  mkdirSync(join(scratch, "copies"), { recursive: true })
  const variables: JsonObject = { scripts: JSON.parse(JSON.stringify(scripts)) }
  return {
    ...{ scratch, variables, tree: join(scratch, "tree"), copies: join(scratch, "copies") },
    ...{ sessionId: "s1", plugins: Object.keys(scripts), pluginsFatal: false, files: [] },
    ...{ destination: join(scratch, "published"), template: { name: "scripted", version: "1" } },
    ...{ runKind: "experimental", equipmentId: "DEMO_01", project: "PROJ-0042" },
  }
}

const silent: PassReport = {
  progress: () => Effect.void,
  warning: () => Effect.void,
  log: () => Effect.void,
}

/** What a person says who has nothing to say. */
const answerTo = ({ prompt }: Extract<PassStep, { readonly _tag: "Asked" }>) =>
  Effect.map(DateTime.now, (answeredAt) => ({
    promptId: prompt.promptId,
    inputs: Object.fromEntries(prompt.fields.map(({ id }) => [id, ""])),
    answeredBy: "asmith",
    answeredAt,
  }))

/** Runs a pass to its end; whatever is asked is answered. */
export const runToTheEnd = Effect.fnUntraced(function* (pass: PluginPass) {
  const host = yield* PluginHost
  let step = yield* host.start(pass, silent)
  while (step._tag === "Asked") step = yield* host.continue(step.continuation, yield* answerTo(step), silent)
  return step.applied as ReadonlyArray<PluginApplied>
})
