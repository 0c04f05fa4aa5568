import * as fs from "node:fs"
import { dirname, join } from "node:path"
import { it } from "@effect/vitest"
import { Clock, Effect, Layer, Logger, type Scope, TestClock } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import { withDefaults } from "../../../../layers/EmbeddedSettings.ts"
import * as PluginRegistry from "../../../../layers/plugins/registry/PluginRegistry.ts"
import type { PluginCatalog } from "../../../../src/domain/PluginCatalog.ts"
import type { Disk } from "../../../../src/ports/Disk.ts"
import { Settings } from "../../../../src/ports/Settings.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"

/** Two folders of plugins that are there and empty. */
export interface Roots {
  readonly bundled: string
  readonly lab: string
}

/** A text, an executable text, a link's target, or null for an empty directory. */
export type Entry = string | { readonly program: string } | { readonly link: string } | null

export const put = (directory: string, entries: Readonly<Record<string, Entry>>): void => {
  fs.mkdirSync(directory, { recursive: true })
  for (const [path, entry] of Object.entries(entries)) {
    const absolute = join(directory, path)
    fs.mkdirSync(entry === null ? absolute : dirname(absolute), { recursive: true })
    if (entry === null) continue
    if (typeof entry === "string") fs.writeFileSync(absolute, entry)
    else if ("link" in entry) fs.symlinkSync(entry.link, absolute)
    else fs.writeFileSync(absolute, entry.program, { mode: 0o755 })
  }
}

export const nodeManifest = (name: string, lines = ""): string =>
  `name: ${name}\nversion: "1"\napi_version: "1"\nruntime: node\nentry: plugin.mjs\n${lines}`

export const commandManifest = (name: string, command: ReadonlyArray<string>): string =>
  `name: ${name}\nversion: "1"\napi_version: "1"\nruntime: command\ncommand: ${JSON.stringify(command)}\n`

export const nodePlugin = (root: string, name: string, lines = ""): void =>
  put(join(root, name), { "manifest.yaml": nodeManifest(name, lines), "plugin.mjs": "export default 1\n" })

export const registryOf = ({ bundled, lab }: Roots) =>
  PluginRegistry.make([
    { source: "bundled", path: bundled },
    { source: "lab", path: lab },
  ])

/** Sets the clock of a test to so many milliseconds after what the files' own clock shows. */
export const aheadOfFiles = (millis: number): Effect.Effect<void> =>
  Effect.suspend(() => TestClock.setTime(Clock.make().unsafeCurrentTimeMillis() + millis))

type Needs = Disk | FaultDisk.DiskFaults | Settings | Scope.Scope

const services = (allowNetwork: boolean) =>
  Layer.mergeAll(
    Layer.provide(FaultDisk.layer, NodeDisk.layer),
    Settings.layer(withDefaults({ plugins: { allowNetwork } })),
    Logger.remove(Logger.defaultLogger),
  )

/** A test on real folders of plugins, every operation on them counted. */
export const withRoots = <E>(
  name: string,
  test: (roots: Roots) => Effect.Effect<void, E, Needs>,
  { allowNetwork = false, live = true } = {},
) =>
  (live ? it.scopedLive : it.scoped)(name, () =>
    Effect.flatMap(temporaryDirectory, (directory) => {
      const roots = { bundled: join(directory, "bundled"), lab: join(directory, "lab") }
      fs.mkdirSync(roots.bundled)
      fs.mkdirSync(roots.lab)
      return test(roots)
    }).pipe(Effect.provide(services(allowNetwork))),
  )

/** What a new registry finds. */
export const look = (roots: Roots) => Effect.flatMap(registryOf(roots), ({ catalog }) => catalog)

export const namesOf = ({ plugins }: Pick<PluginCatalog, "plugins">): ReadonlyArray<string> =>
  plugins.map(({ manifest }) => manifest.name)

/** Reasons by folder. */
export const reasonsOf = ({ excluded }: PluginCatalog): Readonly<Record<string, ReadonlyArray<string>>> =>
  Object.fromEntries(excluded.map(({ name, reasons }) => [name, reasons]))
