import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import {
  Context,
  Effect,
  ExecutionStrategy,
  Exit,
  Layer,
  Option,
  type ParseResult,
  Predicate,
  Schedule,
  Scope,
} from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import type { DiskError } from "../../../src/domain/Errors.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { QueueUnavailable } from "../../../src/ports/SyncQueue.ts"
import { bringUpToDate } from "./migrate.ts"
import { failureReason, isBusy, sqliteReason } from "./sqliteProblem.ts"

/** What statements and the reading of their rows fail with. */
export type Failure = SqlError | ParseResult.ParseError

/**
 * Statements as one transaction of a file: all of them count, on stable storage, or none. It runs to its end
 * when it has begun, and SQLite works on the main thread: a few statements, and nothing that waits.
 */
export type Transaction = <A>(statements: Effect.Effect<A, Failure>) => Effect.Effect<A, QueueUnavailable>

/** The file that all processes of this state directory share. */
export class QueueFile extends Context.Tag("exlab-wizard/QueueFile")<
  QueueFile,
  {
    /** `<state directory>/sync` */
    readonly folder: string
    readonly sql: SqlClient.SqlClient
    readonly read: Transaction
    readonly write: Transaction
  }
>() {}

/** Other processes' transactions are short; SQLite's own waiting would stop this whole process. */
const sqliteWaitMillis = 20
const busyDelays = Schedule.exponential("5 millis", 1.5).pipe(
  Schedule.union(Schedule.spaced("100 millis")),
  Schedule.jittered,
  Schedule.upTo("10 seconds"),
)

const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(effect, { schedule: busyDelays, while: isBusy })

const unavailable = (path: string) => (error: Failure | DiskError) =>
  new QueueUnavailable({
    path,
    reason: error._tag === "DiskError" ? error.message : failureReason(error),
  })

/**
 * `SqlClient.withTransaction` begins with a read lock that can't become a write lock when another process wrote
 * meanwhile, and a commit that fails, as on a full disk, is a defect there.
 */
const transaction =
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

/** The folders, for their owner's eyes only, and the file, empty when there was none. */
const makeRoom = (stateDir: string, folder: string, path: string) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const made = yield* disk.makeDirectories(stateDir)
    if (Option.isSome(made)) yield* disk.setMode(stateDir, 0o700)
    yield* disk.makeDirectories(joinPath(folder, "locks"))
    yield* disk.setMode(folder, 0o700)
    const info = yield* disk.lstat(path)
    if (Option.isSome(info)) return info.value.type === "file"
    yield* Effect.catchIf(
      disk.createFile(path, "", { mode: 0o600, flush: true }),
      ({ errno }) => errno === "EEXIST",
      () => Effect.void,
    )
    yield* disk.flush(folder)
    return true
  })

/** The library throws where a file can't be opened at all. */
const connect = (path: string): Effect.Effect<SqlClient.SqlClient, QueueUnavailable, Scope.Scope> =>
  SqliteClient.make({ filename: path, disableWAL: true }).pipe(
    Effect.provideServiceEffect(Reactivity.Reactivity, Reactivity.make),
    Effect.catchSomeDefect((defect) =>
      Predicate.hasProperty(defect, "code")
        ? Option.some(new QueueUnavailable({ path, reason: sqliteReason(defect) }))
        : Option.none(),
    ),
  )

const setUp = (sql: SqlClient.SqlClient) =>
  Effect.gen(function* () {
    yield* sql.unsafe(`PRAGMA busy_timeout = ${sqliteWaitMillis}`)
    yield* sql.unsafe("PRAGMA journal_mode = WAL")
    yield* sql.unsafe("PRAGMA synchronous = FULL")
    yield* sql.unsafe("PRAGMA foreign_keys = ON")
  })

/**
 * Several processes that switch to WAL at once are told `SQLITE_BUSY`, whatever the timeout. Each try has a
 * connection of its own: the client remembers a statement that couldn't be prepared, and why, for minutes.
 */
const connected = (path: string) =>
  Effect.gen(function* () {
    const own = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
    return yield* connect(path).pipe(
      Effect.tap(setUp),
      Scope.extend(own),
      Effect.onError((cause) => Scope.close(own, Exit.failCause(cause))),
    )
  }).pipe(
    patiently,
    Effect.mapError((error) => (error._tag === "SqlError" ? unavailable(path)(error) : error)),
  )

const make = Effect.gen(function* () {
  const { stateDir } = (yield* Settings).paths
  const folder = joinPath(stateDir, "sync")
  const path = joinPath(folder, "queue.db")
  const isFile = yield* Effect.mapError(makeRoom(stateDir, folder, path), unavailable(path))
  if (!isFile)
    return yield* new QueueUnavailable({ path, reason: "it isn't a file. Move away what is there" })
  const sql = yield* connected(path)
  const write = transaction(sql, path, "BEGIN IMMEDIATE")
  yield* bringUpToDate(sql, path, write)
  return { folder, sql, read: transaction(sql, path, "BEGIN"), write }
})

/** One connection for all that is built together. A file that isn't a whole queue is refused and left as it is. */
export const layer: Layer.Layer<QueueFile, QueueUnavailable, Disk | Settings> = Layer.scoped(QueueFile, make)
