import type { Field } from "./Field.ts"

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
