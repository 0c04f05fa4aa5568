import * as Reactivity from "@effect/experimental/Reactivity"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import { Context, Effect, ExecutionStrategy, Exit, Layer, Option, Predicate, Scope } from "effect"
import { joinPath } from "../../../src/domain/Destination.ts"
import { Disk } from "../../../src/ports/Disk.ts"
import { Settings } from "../../../src/ports/Settings.ts"
import { QueueUnavailable } from "../../../src/ports/SyncQueue.ts"
import { bringUpToDate } from "./migrate.ts"
import { checkedAt } from "./samePlace.ts"
import { sqliteReason } from "./sqliteProblem.ts"
import { patiently, sqliteWaitMillis, type Transaction, transaction, unavailable } from "./transactions.ts"

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

const folderIn = (stateDir: string): string => joinPath(stateDir, "sync")

/** Where the queue of a state directory is. */
export const queuePath = (stateDir: string): string => joinPath(folderIn(stateDir), "queue.db")

const make = Effect.gen(function* () {
  const { stateDir } = (yield* Settings).paths
  const folder = folderIn(stateDir)
  const path = queuePath(stateDir)
  const isFile = yield* Effect.mapError(makeRoom(stateDir, folder, path), unavailable(path))
  if (!isFile)
    return yield* new QueueUnavailable({ path, reason: "it isn't a file. Move away what is there" })
  const sql = yield* connected(path)
  const write = transaction(sql, path, "BEGIN IMMEDIATE")
  yield* bringUpToDate(sql, path, write)
  const checked = yield* checkedAt(path)
  return { folder, sql, read: checked(transaction(sql, path, "BEGIN")), write: checked(write) }
})

/** One connection for all that is built together. A file that isn't a whole queue is refused and left as it is. */
export const layer: Layer.Layer<QueueFile, QueueUnavailable, Disk | Settings> = Layer.scoped(QueueFile, make)
