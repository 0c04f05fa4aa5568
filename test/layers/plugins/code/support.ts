import * as fs from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Layer, Logger, type Scope } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import type { Disk } from "../../../../src/ports/Disk.ts"
import type { RegisteredPlugin } from "../../../../src/domain/PluginCatalog.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { fastTemporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { aheadOfFiles, commandManifest, type Entry, nodeManifest, put } from "../registry/support.ts"

const limits = { timeoutSeconds: 30, memoryMb: 512, network: false }

const common = {
  version: "1",
  apiVersion: "1",
  matches: [],
  requiredVariables: [],
  optionalVariables: [],
} as const

/** A plugin of which a registry has found the folder. */
export const nodeIn = (
  directory: string,
  entries: Readonly<Record<string, Entry>> = {},
): RegisteredPlugin => {
  put(directory, { "manifest.yaml": nodeManifest("p"), "plugin.mjs": "export default 1\n", ...entries })
  return {
    directory,
    source: "lab",
    manifest: { ...common, name: "p", isolation: limits, runtime: "node", entry: "plugin.mjs" },
  }
}

export const commandIn = (
  directory: string,
  command: readonly [string, ...ReadonlyArray<string>],
  entries: Readonly<Record<string, Entry>>,
): RegisteredPlugin => {
  put(directory, { "manifest.yaml": commandManifest("c", command), ...entries })
  return {
    directory,
    source: "lab",
    manifest: { ...common, name: "c", isolation: limits, runtime: "command", command },
  }
}

export interface Places {
  /** An empty directory for plugins. */
  readonly plugins: string
  /** What temporary directories are made in: stages, and nothing else. */
  readonly temporary: string
}

const useTemporary = (path: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = process.env["TMPDIR"]
      process.env["TMPDIR"] = path
      return before
    }),
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env["TMPDIR"]
        else process.env["TMPDIR"] = before
      }),
  )

const services = Layer.merge(
  Layer.provide(FaultDisk.layer, NodeDisk.layer),
  Logger.remove(Logger.defaultLogger),
)

/** A test on real files, with a clock that is a minute ahead: what was just written has been there for a while. */
export const withPlaces = <E>(
  name: string,
  test: (places: Places) => Effect.Effect<void, E, Disk | FaultDisk.DiskFaults | Scope.Scope>,
) =>
  it.scoped(
    name,
    () =>
      Effect.gen(function* () {
        const directory = yield* fastTemporaryDirectory
        const places = { plugins: join(directory, "plugins"), temporary: join(directory, "tmp") }
        fs.mkdirSync(places.plugins)
        fs.mkdirSync(places.temporary)
        yield* useTemporary(places.temporary)
        yield* aheadOfFiles(60_000)
        yield* test(places)
      }).pipe(Effect.provide(services)),
    60_000,
  )

/** Every file and link below a directory: executable or not, and what it says. */
export const contentsOf = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fs
      .readdirSync(directory, { recursive: true, encoding: "utf8" })
      .toSorted()
      .flatMap((path): ReadonlyArray<[string, string]> => {
        const absolute = join(directory, path)
        const info = fs.lstatSync(absolute)
        if (info.isDirectory()) return []
        if (info.isSymbolicLink()) return [[path, `-> ${fs.readlinkSync(absolute)}`]]
        return [[path, `${(info.mode & 0o111) === 0 ? "" : "x "}${fs.readFileSync(absolute, "utf8")}`]]
      }),
  )
