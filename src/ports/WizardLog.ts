import { Context, type DateTime, type Effect } from "effect"
import type { Destination } from "../domain/Destination.ts"
import type { DiskError } from "../domain/Errors.ts"

export type LogLevel = "INFO" | "WARN" | "ERROR"

/** One event, one line. Control characters in a message are escaped, long ones are cut. */
export interface LogLine {
  readonly at: DateTime.Utc
  readonly level: LogLevel
  readonly message: string
  readonly tags: {
    readonly equip?: string
    readonly proj?: string
    readonly kind?: string
    readonly run?: string
  }
}

/** What a line about a directory is tagged with. Its record, if there is one, says of what kind a run is. */
export const tagsOf = (
  { equipmentId: equip, leaf: run, level, project: proj, runKind }: Destination,
  record: { readonly runKind: string } | null,
): LogLine["tags"] =>
  level === "project" ? { equip, proj } : { equip, proj, kind: record?.runKind ?? runKind, run }

/** The log for people that lies beside the records: `wizard.<host>.log`. */
export class WizardLog extends Context.Tag("exlab-wizard/WizardLog")<
  WizardLog,
  {
    /** Adds lines to the log of a directory, whose metadata folder is made when it isn't there. */
    readonly append: (directory: string, lines: ReadonlyArray<LogLine>) => Effect.Effect<void, DiskError>
  }
>() {}
