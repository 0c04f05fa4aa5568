import type { SqlClient } from "@effect/sql/SqlClient"
import { Effect, Schema } from "effect"
import { QueueUnavailable } from "../../../src/ports/SyncQueue.ts"
import type { Transaction } from "./transactions.ts"
import { applicationId, migrations } from "./schema.ts"
import { damaged } from "./sqliteProblem.ts"

const Header = Schema.Tuple(
  Schema.Struct({ application: Schema.Int, version: Schema.Int, tables: Schema.Int }),
)
const Checked = Schema.NonEmptyArray(Schema.Struct({ quick_check: Schema.String }))

const header = (sql: SqlClient) =>
  sql`SELECT
    (SELECT application_id FROM pragma_application_id) AS application,
    (SELECT user_version FROM pragma_user_version) AS version,
    (SELECT count(*) FROM sqlite_schema) AS tables`.pipe(Effect.flatMap(Schema.decodeUnknown(Header)))

/** Why a file is no queue that we know; null when it is one, or empty. */
const refusal = ([{ application, tables, version }]: typeof Header.Type): string | null => {
  if (application === 0 && version === 0 && tables === 0) return null
  if (application !== applicationId) return "it is some other program's file. Move it away"
  return version > migrations.length
    ? `a newer version of exlab-wizard made it (${version}; this one knows ${migrations.length}). Start that version`
    : null
}

const apply = (sql: SqlClient, version: number) =>
  Effect.gen(function* () {
    yield* Effect.forEach(migrations.slice(version).flat(), (statement) => sql.unsafe(statement), {
      discard: true,
    })
    yield* sql.unsafe(`PRAGMA application_id = ${applicationId}`)
    yield* sql.unsafe(`PRAGMA user_version = ${migrations.length}`)
  })

/**
 * Brings an empty or older file to the newest version, in one transaction: of several processes that start
 * at once one does it. Nothing is written to a file that is damaged, newer, or somebody else's.
 */
export const bringUpToDate = (
  sql: SqlClient,
  path: string,
  write: Transaction,
): Effect.Effect<void, QueueUnavailable> =>
  Effect.gen(function* () {
    const refused = yield* write(
      Effect.gen(function* () {
        const found = yield* header(sql)
        const reason = refusal(found)
        if (reason !== null || found[0].version === migrations.length) return reason
        yield* apply(sql, found[0].version)
        return null
      }),
    )
    if (refused !== null) return yield* new QueueUnavailable({ path, reason: refused })
    const [{ quick_check }] = yield* write(
      Effect.flatMap(sql`PRAGMA quick_check(1)`, Schema.decodeUnknown(Checked)),
    )
    if (quick_check !== "ok") return yield* new QueueUnavailable({ path, reason: damaged(quick_check) })
  })
