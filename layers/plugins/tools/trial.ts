import { Effect } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { JsonObject } from "../../../src/domain/Json.ts"
import type { PluginPass } from "../../../src/domain/Plugin.ts"
import type { LogLevel } from "../../../src/ports/WizardLog.ts"
import type { PassReport } from "../../../src/ports/PluginHost.ts"

/** What a plugin said for the log while it was tried. */
export interface SaidLine {
  readonly level: LogLevel
  readonly message: string
}

/** A pass of no session, for trying one plugin on the files below `scratch`. */
export const trialPass = (scratch: string, plugin: string, variables: JsonObject): PluginPass => ({
  sessionId: "00000000-0000-4000-8000-000000000000",
  tree: joinPath(scratch, "tree"),
  copies: joinPath(scratch, "copies"),
  destination: joinPath(scratch, "tree"),
  plugins: [plugin],
  pluginsFatal: false,
  files: [],
  variables,
  template: { name: "trial", version: "0" },
  runKind: "test",
  equipmentId: "TRIAL",
  project: "TRIAL",
})

/** Keeps what is said in `lines`. */
export const listener = (lines: Array<SaidLine>): PassReport => ({
  progress: () => Effect.void,
  warning: () => Effect.void,
  log: (_, level, message) => Effect.sync(() => void lines.push({ level, message })),
})
