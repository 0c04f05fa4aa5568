import { Chunk, Effect, Option, Stream } from "effect"
import type { RunningSession } from "../../src/api/SystemApi.ts"
import type { CreationController } from "../../src/controller/CreationController.ts"
import type { Session } from "../../src/domain/Session.ts"
import { isTerminal } from "../../src/domain/SessionState.ts"

const pageSize = 1000

const shown = ({ createdAt, currentPhase, kind, sessionId, state }: Session): RunningSession => ({
  sessionId,
  kind,
  state,
  currentPhase,
  createdAt,
})

/** Every session that hasn't ended, newest first. */
export const openSessions = ({ list }: typeof CreationController.Service) =>
  Stream.paginateChunkEffect(undefined as string | undefined, (cursor) =>
    Effect.map(
      list({ limit: pageSize, cursor }),
      ({ nextCursor, sessions }) =>
        [
          Chunk.unsafeFromArray(sessions.filter(({ state }) => !isTerminal(state)).map(shown)),
          Option.fromNullable(nextCursor),
        ] as const,
    ),
  ).pipe(Stream.runCollect, Effect.map(Chunk.toReadonlyArray))
