import { execFile } from "node:child_process"
import { resolve } from "node:path"
import { promisify } from "node:util"
import { testPlugin } from "../../../layers/plugins/worker/plugin.mjs"
import type { Plugin } from "../../../layers/plugins/worker/Drive.ts"
import type { TestOptions } from "../../../layers/plugins/worker/TestRun.ts"

export const pluginFolder = (name: string): string =>
  resolve(import.meta.dirname, "../../../templates/plugins", name)

/** A bundled plugin, as its entry exports it. */
export const load = async (name: string, entry = "plugin.mjs"): Promise<Plugin> => {
  const module: { readonly default: Plugin } = await import(`${pluginFolder(name)}/${entry}`)
  return module.default
}

/** What a plugin makes of files: their texts, or why it refused. */
export const runOn = async (name: string, options: TestOptions, entry?: string) =>
  testPlugin(await load(name, entry), options)

/** The texts of all files after a run, by path. */
export const textsOf = (files: Readonly<Record<string, Uint8Array>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes).toString()]))

/** Makes the code of bundled plugins that is made, unless it is there. */
export const makeBundle = async (): Promise<void> => {
  const setup = resolve(import.meta.dirname, "../../../scripts/lib/setup.mjs")
  await promisify(execFile)(process.execPath, [setup, "plugins"])
}
