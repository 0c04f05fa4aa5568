import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, type ParseResult, Schedule } from "effect"
import type { DiskError } from "../../../src/domain/Errors.ts"
import { QueueUnavailable } from "../../../src/ports/SyncQueue.ts"
import { failureReason, isBusy } from "./sqliteProblem.ts"

/** What statements and the reading of their rows fail with. */
export type Failure = SqlError | ParseResult.ParseError

/**
 * Statements as one transaction of a file: all of them count, on stable storage, or none. It runs to its end
 * when it has begun, and SQLite works on the main thread: a few statements, and nothing that waits.
 */
export type Transaction = <A>(statements: Effect.Effect<A, Failure>) => Effect.Effect<A, QueueUnavailable>

/** Other processes' transactions are short; SQLite's own waiting would stop this whole process. */
export const sqliteWaitMillis = 20
const busyDelays = Schedule.exponential("5 millis", 1.5).pipe(
  Schedule.union(Schedule.spaced("100 millis")),
  Schedule.jittered,
  Schedule.upTo("10 seconds"),
)

export const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(effect, { schedule: busyDelays, while: isBusy })

export const unavailable = (path: string) => (error: Failure | DiskError) =>
  new QueueUnavailable({
    path,
    reason: error._tag === "DiskError" ? error.message : failureReason(error),
  })

/**
 * `SqlClient.withTransaction` begins with a read lock that can't become a write lock when another process wrote
 * meanwhile, and a commit that fails, as on a full disk, is a defect there.
 */
export const transaction =
  (sql: SqlClient.SqlClient, path: string, begin: "BEGIN" | "BEGIN IMMEDIATE"): Transaction =>
  (statements) => {
    const inside = sql.unsafe(begin).pipe(
      Effect.zipRight(
        statements.pipe(
          Effect.zipLeft(sql.unsafe("COMMIT")),
          Effect.onError(() => Effect.ignore(sql.unsafe("ROLLBACK"))),
        ),
      ),
    )
    return sql.reserve.pipe(
      Effect.flatMap((connection) =>
        Effect.uninterruptible(
          Effect.provideService(inside, SqlClient.TransactionConnection, [connection, 0]),
        ),
      ),
      Effect.scoped,
      patiently,
      Effect.mapError(unavailable(path)),
    )
  }
