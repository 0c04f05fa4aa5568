import { Array, Effect, Option, Schema } from "effect"
import { SyncJobChange, SyncJobState } from "../../../src/domain/SyncJob.ts"
import { wireStruct } from "../../../src/domain/wire.ts"
import { QueueFile } from "./QueueFile.ts"
import { Entry } from "./Entry.ts"
import type { Decision, JobTable, Key } from "./JobTable.ts"
import { selection as selectionSql } from "./selection.ts"
import { noJobs, waitingStates } from "./states.ts"
import type { Birth, Step } from "./steps.ts"
import { StoredText } from "./storedText.ts"

const Entries = Schema.decodeUnknown(Schema.Array(Entry))
const Changes = Schema.decodeUnknown(Schema.Array(SyncJobChange))
const Ids = Schema.decodeUnknown(Schema.Array(Schema.Struct({ id: Schema.String })))
const Places = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ seq: Schema.Int, turn: Schema.Int })))
const Counts = Schema.decodeUnknown(Schema.Array(Schema.Struct({ state: SyncJobState, n: Schema.Int })))
const Moment = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ at: Schema.NullOr(Schema.Int) })))
const Version = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ data_version: Schema.Int })))
const Pauses = Schema.decodeUnknown(
  Schema.Array(
    wireStruct({ equipmentId: Schema.String, reason: Schema.String, since: Schema.Int, until: Schema.Int }),
  ),
)
const TargetIds = Schema.decodeUnknown(Schema.Array(Schema.Struct({ target_id: Schema.String })))
const encodeEntry = Schema.encode(Entry)
const encodeChange = Schema.encode(SyncJobChange)
const encodePath = Schema.encodeSync(StoredText)

const list = (values: ReadonlyArray<string>): string => JSON.stringify(values)

/** Jobs in SQLite. */
export const make: Effect.Effect<JobTable, never, QueueFile> = Effect.gen(function* () {
  const { read, sql, write } = yield* QueueFile
  const { chosen, oldest } = selectionSql(sql)

  const find = (key: Key) =>
    ("id" in key
      ? sql`SELECT * FROM job WHERE id = ${key.id}`
      : sql`SELECT * FROM job WHERE path = ${encodePath(key.path)}`
    ).pipe(Effect.flatMap(Entries), Effect.map(Array.head))

  const save = Effect.fnUntraced(function* ({ change, entry }: Step, isNew: boolean) {
    const row = yield* encodeEntry(entry)
    yield* isNew
      ? sql`INSERT INTO job ${sql.insert(row)}`
      : sql`UPDATE job SET ${sql.update(row, ["seq", "id", "path"])} WHERE seq = ${entry.seq}`
    if (change === null) return
    yield* sql`INSERT INTO history ${sql.insert({ job_seq: entry.seq, ...(yield* encodeChange(change)) })}`
  })

  const remember = (equipmentId: string, id: string) =>
    sql`INSERT OR REPLACE INTO target ${sql.insert({ equipment_id: equipmentId, target_id: id })}`

  const decide = <A>(
    key: Key,
    decision: (entry: Option.Option<Entry>, next: Omit<Birth, "id">) => Decision<A>,
  ) =>
    write(
      Effect.gen(function* () {
        const entry = yield* find(key)
        const [next] = yield* Effect.flatMap(
          sql`SELECT coalesce(max(seq), 0) + 1 AS seq, (SELECT coalesce(max(turn), 0) + 1 FROM job) AS turn FROM job`,
          Places,
        )
        const { result, step } = decision(entry, next)
        if (step !== null) yield* save(step, Option.isNone(entry))
        return result
      }),
    )

  return {
    decide,
    pick: (selection, now) =>
      read(oldest(selection, now).pipe(Effect.flatMap(Ids), Effect.map(Array.head))).pipe(
        Effect.map(Option.map(({ id }) => id)),
      ),
    take: (selection, id, now, step) =>
      write(
        chosen(selection, id, now).pipe(
          Effect.flatMap(Entries),
          Effect.map(Array.head),
          Effect.flatMap(
            Effect.transposeMapOption((entry) => {
              const taken = step(entry)
              return Effect.as(save(taken, false), taken.entry)
            }),
          ),
        ),
      ),
    find: (key) => read(find(key)),
    list: ({ after, equipmentId, limit = 1000, states }) =>
      read(
        sql`SELECT * FROM job
          WHERE (${states === undefined ? 1 : 0} OR state IN (SELECT value FROM json_each(${list(states ?? [])})))
            AND (${equipmentId ?? null} IS NULL OR equipment_id = ${equipmentId ?? null})
            AND (${after === undefined ? 1 : 0} OR seq > (SELECT seq FROM job WHERE id = ${after ?? null}))
          ORDER BY seq LIMIT ${Math.max(0, Math.trunc(limit))}`.pipe(Effect.flatMap(Entries)),
      ),
    held: read(Effect.flatMap(sql`SELECT * FROM job WHERE holder IS NOT NULL`, Entries)),
    history: (id) =>
      read(
        sql`SELECT "at", "from", "to", history.reason, history.attempt, history.files, history.bytes
          FROM history JOIN job ON job.seq = job_seq WHERE id = ${id} ORDER BY n`.pipe(
          Effect.flatMap(Changes),
        ),
      ),
    counts: read(
      Effect.flatMap(sql`SELECT state, count(*) AS n FROM job GROUP BY state`, Counts).pipe(
        Effect.map((rows) => ({
          ...noJobs,
          ...Object.fromEntries(rows.map(({ n, state }) => [state, n])),
        })),
      ),
    ),
    oldestUnclaimed: (now) =>
      read(
        sql`SELECT min(enqueued_at) AS at FROM job
          WHERE state IN (SELECT value FROM json_each(${list(waitingStates)}))
            AND (holder IS NULL OR lease_until <= ${now}) AND (not_before IS NULL OR not_before <= ${now} OR put_off_at > ${now})
            AND equipment_id NOT IN (SELECT equipment_id FROM target_pause WHERE since <= ${now} AND until > ${now})`.pipe(
          Effect.flatMap(Moment),
          Effect.map(([{ at }]) => Option.fromNullable(at)),
        ),
      ),
    nextDue: (after) =>
      read(
        sql`SELECT min(at) AS at FROM (
          SELECT min(not_before) AS at FROM job WHERE not_before > ${after}
          UNION ALL SELECT min(lease_until) FROM job WHERE holder IS NOT NULL AND lease_until > ${after}
          UNION ALL SELECT min(until) FROM target_pause WHERE until > ${after})`.pipe(
          Effect.flatMap(Moment),
          Effect.map(([{ at }]) => Option.fromNullable(at)),
        ),
      ),
    foreignChanges: read(
      Effect.map(Effect.flatMap(sql`PRAGMA data_version`, Version), ([{ data_version }]) => data_version),
    ),
    pauseTarget: ({ equipmentId, reason, since, until }) =>
      write(
        sql`INSERT OR REPLACE INTO target_pause ${sql.insert({ equipment_id: equipmentId, reason, since, until })}`,
      ),
    resumeTarget: (equipmentId) => write(sql`DELETE FROM target_pause WHERE equipment_id = ${equipmentId}`),
    pausedTargets: read(Effect.flatMap(sql`SELECT * FROM target_pause ORDER BY equipment_id`, Pauses)),
    targetId: (equipmentId) =>
      read(
        Effect.flatMap(sql`SELECT target_id FROM target WHERE equipment_id = ${equipmentId}`, TargetIds),
      ).pipe(Effect.map((rows) => Option.map(Array.head(rows), (row) => row.target_id))),
    rememberTarget: (equipmentId, id) => write(remember(equipmentId, id)),
    replaceTarget: ({ equipmentId, id }, states, decision) =>
      write(
        Effect.gen(function* () {
          const entries = yield* Effect.flatMap(
            sql`SELECT * FROM job WHERE equipment_id = ${equipmentId}
              AND state IN (SELECT value FROM json_each(${list(states)})) ORDER BY seq`,
            Entries,
          )
          const { result, steps } = decision(entries)
          if (steps === null) return result
          yield* Effect.forEach(steps, (step) => save(step, false), { discard: true })
          yield* remember(equipmentId, id)
          return result
        }),
      ),
  }
})
