import { DateTime, Effect } from "effect"
import type { Destination } from "../domain/Destination.ts"
import { type LogLevel, type LogLine, tagsOf } from "../ports/WizardLog.ts"

/** Lines of a session's log that aren't in a file yet. */
export interface Journal {
  readonly note: (message: string, level?: LogLevel) => Effect.Effect<void>
  /** From now on lines carry the directory's tags. */
  readonly locate: (destination: Destination) => Effect.Effect<void>
  /** Hands out the lines that wait, and forgets them. */
  readonly take: Effect.Effect<ReadonlyArray<LogLine>>
}

export const makeJournal: Effect.Effect<Journal> = Effect.sync(() => {
  const lines: Array<LogLine> = []
  let tags: LogLine["tags"] = {}
  return {
    note: (message, level = "INFO") =>
      Effect.map(DateTime.now, (at) => {
        lines.push({ at, level, message, tags })
      }),
    locate: (destination) =>
      Effect.sync(() => {
        tags = tagsOf(destination, null)
      }),
    take: Effect.sync(() => lines.splice(0)),
  }
})
