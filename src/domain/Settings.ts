import { DateTime, Option } from "effect"
import { type Field, fieldProblem } from "./Field.ts"
import { isEquipmentId } from "./PathSegment.ts"
import type { IsolationTier } from "./PluginCatalog.ts"

export interface EquipmentSettings {
  readonly id: string
  readonly label: string
  /** Absolute path or URL of this equipment's root on the NAS; empty when it has none. */
  readonly nasRoot: string
}

/** What an operator may set. The file and environment loader fills the same shape. */
export interface Settings {
  readonly paths: {
    /** Absolute; every directory is created below it. */
    readonly localRoot: string
    /** Absolute; templates that serve every equipment. */
    readonly templatesDir: string
    /** Absolute; the lab's own plugins. Null: there are only the bundled ones. */
    readonly pluginDir: string | null
  }
  readonly plugins: {
    /** Plugins that ask for the network are registered only when this is true. */
    readonly allowNetwork: boolean
    /** Plugins are refused where the machine can't isolate them at least so well. */
    readonly minIsolation: IsolationTier
    /** Absolute paths of programs and libraries outside the system's folders that plugins may read. */
    readonly readablePaths: ReadonlyArray<string>
  }
  readonly equipment: ReadonlyArray<EquipmentSettings>
  readonly operators: {
    /** Who may create; empty: anyone. */
    readonly allowlist: ReadonlyArray<string>
  }
  readonly readme: {
    /** README fields that every directory has. */
    readonly defaults: ReadonlyArray<Field>
  }
  /** IANA name; run folders are named by its wall clock. */
  readonly timeZone: string
  readonly validator: {
    /** Lower case, with the dot. */
    readonly contentScanExtensions: ReadonlyArray<string>
    readonly contentScanMaxMib: number
  }
  readonly templates: {
    /** Rendered output of one file. */
    readonly maxFileMib: number
    /** Output of the whole tree. */
    readonly maxTotalMib: number
    readonly maxFiles: number
    readonly maxDepth: number
  }
  readonly sessions: {
    /** Sessions that work at the same time. */
    readonly maxWorking: number
    /** Sessions that haven't ended. */
    readonly maxOpen: number
    readonly gcIntervalSeconds: number
    readonly abandonAfterSeconds: number
    readonly retainTerminalHours: number
    readonly retainTerminalCount: number
    /** How long working sessions may go on at a shutdown. */
    readonly shutdownGraceSeconds: number
  }
  readonly disk: {
    /** Room that a volume must have before anything is created on it. */
    readonly minFreeMib: number
    /** How long an update of a record waits for its lock. */
    readonly lockTimeoutSeconds: number
  }
  readonly orchestrator: {
    readonly enabled: boolean
    readonly host: string
    readonly label: string
  }
}

const counts = (settings: Settings): ReadonlyArray<readonly [string, number, least: number]> => [
  ["sessions.maxWorking", settings.sessions.maxWorking, 1],
  ["sessions.maxOpen", settings.sessions.maxOpen, 1],
  ["sessions.gcIntervalSeconds", settings.sessions.gcIntervalSeconds, 0.001],
  ["sessions.abandonAfterSeconds", settings.sessions.abandonAfterSeconds, 0],
  ["sessions.retainTerminalHours", settings.sessions.retainTerminalHours, 0],
  ["sessions.retainTerminalCount", settings.sessions.retainTerminalCount, 0],
  ["sessions.shutdownGraceSeconds", settings.sessions.shutdownGraceSeconds, 0],
  ["disk.minFreeMib", settings.disk.minFreeMib, 0],
  ["disk.lockTimeoutSeconds", settings.disk.lockTimeoutSeconds, 0],
  ["templates.maxFileMib", settings.templates.maxFileMib, 0],
  ["templates.maxTotalMib", settings.templates.maxTotalMib, 0],
  ["templates.maxFiles", settings.templates.maxFiles, 0],
  ["templates.maxDepth", settings.templates.maxDepth, 0],
  ["validator.contentScanMaxMib", settings.validator.contentScanMaxMib, 0],
]

const isAbsolute = (path: string): boolean => path.startsWith("/") && !path.includes("\u0000")

/** Everything that keeps the service from working with these settings; each names its key. */
export const settingsProblems = (settings: Settings): ReadonlyArray<string> => {
  const { equipment, paths, plugins, readme, timeZone } = settings
  const ids = equipment.map(({ id }) => id)
  return [
    ...Object.entries(paths).flatMap(([key, path]) =>
      path === null || isAbsolute(path) ? [] : [`paths.${key} must be an absolute path`],
    ),
    ...plugins.readablePaths
      .filter((path) => !isAbsolute(path))
      .map((path) => `plugins.readablePaths: ${path} is not an absolute path`),
    ...ids
      .filter((id) => !isEquipmentId(id))
      .map((id) => `equipment: ${id} is no id: 1–32 of A–Z, 0–9 and _`),
    ...(new Set(ids).size === ids.length ? [] : ["equipment: an id is listed twice"]),
    ...(Option.isSome(DateTime.zoneMakeNamed(timeZone)) ? [] : [`timeZone: there is no zone ${timeZone}`]),
    ...readme.defaults.flatMap((field) => {
      const problem = fieldProblem(field)
      return problem === null ? [] : [`readme.defaults: ${field.id}: ${problem}`]
    }),
    ...counts(settings).flatMap(([key, value, least]) =>
      value >= least ? [] : [`${key} must be a number, ${least} or more`],
    ),
  ]
}
