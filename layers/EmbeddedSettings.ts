import { availableParallelism, hostname } from "node:os"
import { join, resolve } from "node:path"
import type { Settings } from "../src/domain/Settings.ts"

/** Settings to set apart from the defaults: whole lists and values, group by group. */
export type PartialSettings = {
  readonly [Key in keyof Settings]?: Settings[Key] extends string | ReadonlyArray<unknown>
    ? Settings[Key]
    : Partial<Settings[Key]>
}

// The package's own folder, from the sources and from `dist/` alike.
export const packageRoot = resolve(
  import.meta.dirname,
  import.meta.dirname.endsWith(join("dist", "layers")) ? "../.." : "..",
)

/** The templates that come with the package. */
export const bundledTemplates = join(packageRoot, "templates")

/** The plugins that come with the package. */
export const bundledPlugins = join(packageRoot, "templates", "plugins")

// No markup: `<title>` is a placeholder to nobody but the rules.
const scannedExtensions =
  ".txt .md .csv .tsv .json .jsonl .yaml .yml .toml .ini .cfg .conf .py .r .m .ijm .sh"

/**
 * What is in force without a settings file: everything below `./exlab-data`, one equipment, the bundled
 * templates.
 */
export const defaults = (dataDir: string = resolve("exlab-data")): Settings => ({
  paths: {
    localRoot: join(dataDir, "local"),
    templatesDir: bundledTemplates,
    pluginDir: null,
    stateDir: join(dataDir, "state"),
  },
  plugins: { allowNetwork: false, minIsolation: "none", readablePaths: [] },
  equipment: [{ id: "DEMO_01", label: "Demonstration instrument", nasRoot: "" }],
  operators: { allowlist: [] },
  readme: { defaults: [] },
  timeZone: "UTC",
  validator: { contentScanExtensions: scannedExtensions.split(" "), contentScanMaxMib: 5 },
  audit: { enabled: true, intervalSeconds: 30, fullIntervalSeconds: 3600 },
  templates: { maxFileMib: 16, maxTotalMib: 1024, maxFiles: 100_000, maxDepth: 64 },
  sessions: {
    maxWorking: 2 * availableParallelism(),
    maxOpen: 10_000,
    gcIntervalSeconds: 300,
    abandonAfterSeconds: 3600,
    retainTerminalHours: 24,
    retainTerminalCount: 10_000,
    shutdownGraceSeconds: 30,
  },
  disk: { minFreeMib: 100, lockTimeoutSeconds: 10 },
  sync: {
    enabled: true,
    workers: 2,
    perEquipment: 1,
    leaseSeconds: 60,
    dataPollSeconds: 30,
    silenceSeconds: 300,
  },
  nasCleanup: { enabled: false, minVerifyPasses: 2, minAgeHours: 24, trashHours: 24, retainCache: true },
  export: { license: null, organization: null },
  orchestrator: { enabled: false, host: hostname(), label: "" },
})

/** An empty path stays empty, to be refused: it is a variable that wasn't set. */
const absolute = (path: string): string => (path === "" ? "" : resolve(path))

/** The defaults with some of them set apart. Relative paths are below the working directory. */
export const withDefaults = (partial: PartialSettings = {}): Settings => {
  const base = defaults()
  const paths = { ...base.paths, ...partial.paths }
  return {
    paths: {
      localRoot: absolute(paths.localRoot),
      templatesDir: absolute(paths.templatesDir),
      pluginDir: paths.pluginDir === null ? null : absolute(paths.pluginDir),
      stateDir: absolute(paths.stateDir),
    },
    plugins: { ...base.plugins, ...partial.plugins },
    equipment: partial.equipment ?? base.equipment,
    operators: { ...base.operators, ...partial.operators },
    readme: { ...base.readme, ...partial.readme },
    timeZone: partial.timeZone ?? base.timeZone,
    validator: { ...base.validator, ...partial.validator },
    audit: { ...base.audit, ...partial.audit },
    templates: { ...base.templates, ...partial.templates },
    sessions: { ...base.sessions, ...partial.sessions },
    disk: { ...base.disk, ...partial.disk },
    sync: { ...base.sync, ...partial.sync },
    nasCleanup: { ...base.nasCleanup, ...partial.nasCleanup },
    export: { ...base.export, ...partial.export },
    orchestrator: { ...base.orchestrator, ...partial.orchestrator },
  }
}
