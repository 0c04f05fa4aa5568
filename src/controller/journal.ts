import { Chunk, DateTime, Effect, Ref } from "effect"
import type { Destination } from "../domain/Destination.ts"
import type { LogLevel, LogLine } from "../ports/WizardLog.ts"

/** Lines of a session's log that aren't in a file yet. */
export interface Journal {
  readonly note: (message: string, level?: LogLevel) => Effect.Effect<void>
  /** From now on lines carry the directory's tags. */
  readonly locate: (destination: Destination) => Effect.Effect<void>
  /** Hands out the lines that wait, and forgets them. */
  readonly take: Effect.Effect<ReadonlyArray<LogLine>>
}

const tagsOf = (destination: Destination): LogLine["tags"] =>
  destination.level === "project"
    ? { equip: destination.equipmentId, proj: destination.project }
    : {
        equip: destination.equipmentId,
        proj: destination.project,
        kind: destination.runKind,
        run: destination.leaf,
      }

export const makeJournal = Effect.gen(function* () {
  const lines = yield* Ref.make(Chunk.empty<LogLine>())
  const tags = yield* Ref.make<LogLine["tags"]>({})
  const journal: Journal = {
    note: (message, level = "INFO") =>
      Effect.flatMap(DateTime.now, (at) =>
        Effect.flatMap(Ref.get(tags), (current) =>
          Ref.update(lines, Chunk.append({ at, level, message, tags: current })),
        ),
      ),
    locate: (destination) => Ref.set(tags, tagsOf(destination)),
    take: Effect.map(Ref.getAndSet(lines, Chunk.empty()), Chunk.toReadonlyArray),
  }
  return journal
})
