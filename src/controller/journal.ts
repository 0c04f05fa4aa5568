import { Chunk, DateTime, Effect, Ref } from "effect"
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

interface Pages {
  readonly tags: LogLine["tags"]
  readonly lines: Chunk.Chunk<LogLine>
}

export const makeJournal = Effect.gen(function* () {
  const pages = yield* Ref.make<Pages>({ tags: {}, lines: Chunk.empty() })
  const journal: Journal = {
    note: (message, level = "INFO") =>
      Effect.flatMap(DateTime.now, (at) =>
        Ref.update(pages, ({ lines, tags }) => ({
          tags,
          lines: Chunk.append(lines, { at, level, message, tags }),
        })),
      ),
    locate: (destination) => Ref.update(pages, ({ lines }) => ({ tags: tagsOf(destination, null), lines })),
    take: Ref.modify(pages, ({ lines, tags }) => [
      Chunk.toReadonlyArray(lines),
      { tags, lines: Chunk.empty() },
    ]),
  }
  return journal
})
