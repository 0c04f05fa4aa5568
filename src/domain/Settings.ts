import { DateTime, Option } from "effect"
import { type ExportSettings, exportProblems } from "./ExportSettings.ts"
import { type Field, fieldProblem } from "./Field.ts"
import { isEquipmentId } from "./PathSegment.ts"
import type { IsolationTier } from "./PluginCatalog.ts"
import type { SettingsProblem } from "./SettingsProblem.ts"
import {
  type CleanupSettings,
  type EquipmentSync,
  equipmentSyncProblems,
  sharesTarget,
  type SyncSettings,
} from "./SyncSettings.ts"

export interface EquipmentSettings extends EquipmentSync {
  readonly id: string
  readonly label: string
  /** This equipment's root on the NAS: a path there, as its transport sees it; empty when it has none. */
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
    /** Absolute; what the service must remember: the queue of the sync. */
    readonly stateDir: string
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
  /** The audit in the background. */
  readonly audit: {
    readonly enabled: boolean
    /** From the end of one pass to the beginning of the next. */
    readonly intervalSeconds: number
    /** Between passes that look at the times of contents, too. */
    readonly fullIntervalSeconds: number
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
  readonly sync: SyncSettings
  readonly nasCleanup: CleanupSettings
  readonly export: ExportSettings
  readonly orchestrator: {
    readonly enabled: boolean
    readonly host: string
    readonly label: string
  }
}

/** Group, key, the least that makes sense. */
const counts = (settings: Settings): ReadonlyArray<readonly [string, string, number, least: number]> => [
  ["sessions", "maxWorking", settings.sessions.maxWorking, 1],
  ["sessions", "maxOpen", settings.sessions.maxOpen, 1],
  ["sessions", "gcIntervalSeconds", settings.sessions.gcIntervalSeconds, 0.001],
  ["sessions", "abandonAfterSeconds", settings.sessions.abandonAfterSeconds, 0],
  ["sessions", "retainTerminalHours", settings.sessions.retainTerminalHours, 0],
  ["sessions", "retainTerminalCount", settings.sessions.retainTerminalCount, 0],
  ["sessions", "shutdownGraceSeconds", settings.sessions.shutdownGraceSeconds, 0],
  ["disk", "minFreeMib", settings.disk.minFreeMib, 0],
  ["disk", "lockTimeoutSeconds", settings.disk.lockTimeoutSeconds, 0],
  ["templates", "maxFileMib", settings.templates.maxFileMib, 0],
  ["templates", "maxTotalMib", settings.templates.maxTotalMib, 0],
  ["templates", "maxFiles", settings.templates.maxFiles, 0],
  ["templates", "maxDepth", settings.templates.maxDepth, 0],
  ["validator", "contentScanMaxMib", settings.validator.contentScanMaxMib, 0],
  ["audit", "intervalSeconds", settings.audit.intervalSeconds, 1],
  ["audit", "fullIntervalSeconds", settings.audit.fullIntervalSeconds, 0],
  ["sync", "workers", settings.sync.workers, 1],
  ["sync", "perEquipment", settings.sync.perEquipment, 1],
  ["sync", "leaseSeconds", settings.sync.leaseSeconds, 1],
  ["sync", "dataPollSeconds", settings.sync.dataPollSeconds, 0.001],
  ["sync", "silenceSeconds", settings.sync.silenceSeconds, 1],
  ["nasCleanup", "minVerifyPasses", settings.nasCleanup.minVerifyPasses, 1],
  ["nasCleanup", "minAgeHours", settings.nasCleanup.minAgeHours, 0],
  ["nasCleanup", "trashHours", settings.nasCleanup.trashHours, 0],
]

const isAbsolute = (path: string): boolean => path.startsWith("/") && !path.includes("\u0000")

const at = (message: string, ...key: SettingsProblem["key"]): SettingsProblem => ({ key, message })

/** Where settings are read, relative paths became absolute ones: what is empty stayed so. */
const folderProblem = (path: string): string | null => {
  if (isAbsolute(path)) return null
  return path === "" ? "must not be empty" : "must be an absolute path"
}

const pathProblems = ({ paths, plugins }: Settings): ReadonlyArray<SettingsProblem> => [
  ...Object.entries(paths).flatMap(([key, path]) => {
    const problem = path === null ? null : folderProblem(path)
    return problem === null ? [] : [at(problem, "paths", key)]
  }),
  ...plugins.readablePaths.flatMap((path, index) =>
    isAbsolute(path)
      ? []
      : [at(`must be an absolute path, not ${path.slice(0, 200)}`, "plugins", "readablePaths", index)],
  ),
]

const equipmentProblems = ({ equipment, paths }: Settings): ReadonlyArray<SettingsProblem> => {
  const ids = equipment.map(({ id }) => id)
  const idProblems = ids.flatMap((id, index) => {
    if (!isEquipmentId(id)) return [at("must be 1–32 of A–Z, 0–9 and _", "equipment", index, "id")]
    return ids.indexOf(id) === index ? [] : [at(`is listed twice: ${id}`, "equipment", index, "id")]
  })
  const syncProblems = equipment.flatMap((one, index) =>
    equipmentSyncProblems(one, paths.localRoot).map(({ key, message }) =>
      at(message, "equipment", index, ...key),
    ),
  )
  const targetProblems = equipment.flatMap((one, index) => {
    const other = equipment.slice(0, index).find((earlier) => sharesTarget(earlier, one))
    return other === undefined
      ? []
      : [
          at(
            `is the target of ${other.id}, lies in it, or holds it: give each a folder of its own`,
            "equipment",
            index,
            "nasRoot",
          ),
        ]
  })
  return [...idProblems, ...syncProblems, ...targetProblems]
}

const zoneProblems = ({ timeZone }: Settings): ReadonlyArray<SettingsProblem> => {
  if (Option.isSome(DateTime.zoneMakeNamed(timeZone))) return []
  const not = timeZone === "" ? "and is empty" : `not ${timeZone.slice(0, 200)}`
  return [at(`must be an IANA name such as Europe/Vienna, ${not}`, "timeZone")]
}

/** Everything that keeps the service from working with these settings. */
export const settingsProblems = (settings: Settings): ReadonlyArray<SettingsProblem> => [
  ...pathProblems(settings),
  ...equipmentProblems(settings),
  ...exportProblems(settings.export),
  ...zoneProblems(settings),
  ...settings.readme.defaults.flatMap((field, index) => {
    const problem = fieldProblem(field)
    return problem === null ? [] : [at(`(${field.id}): ${problem}`, "readme", "defaults", index)]
  }),
  ...counts(settings).flatMap(([group, key, value, least]) =>
    value >= least ? [] : [at(`must be a number, ${least} or more`, group, key)],
  ),
]
