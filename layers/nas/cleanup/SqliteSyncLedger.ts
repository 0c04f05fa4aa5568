import { Array, Effect, Layer, Option, Schema } from "effect"
import type { Disk } from "../../../src/ports/Disk.ts"
import type { Settings } from "../../../src/ports/Settings.ts"
import { SyncLedger, type VerifiedFile } from "../../../src/ports/SyncLedger.ts"
import type { QueueUnavailable } from "../../../src/ports/SyncQueue.ts"
import { wireStruct } from "../../../src/domain/wire.ts"
import * as QueueFile from "../queue/QueueFile.ts"
import type { Failure } from "../queue/transactions.ts"
import { StoredText } from "../queue/storedText.ts"
import { passOf } from "./passOf.ts"

const Passes = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({
      pass: Schema.Int,
      at: Schema.Int,
      files: Schema.Int,
      bytes: Schema.Int,
      digest: Schema.String,
    }),
  ),
)
const Files = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({ path: StoredText, size: Schema.Int, stamp: Schema.String, sha256: Schema.String }),
  ),
)
const Cleanup = wireStruct({
  jobId: Schema.String,
  path: StoredText,
  trash: StoredText,
  pass: Schema.Int,
  files: Schema.Int,
  bytes: Schema.Int,
  startedAt: Schema.Int,
  sealedAt: Schema.NullOr(Schema.Int),
})
const Cleanups = Schema.decodeUnknown(Schema.Array(Cleanup))
const encodeCleanup = Schema.encode(Cleanup)
const stored = Schema.encodeSync(StoredText)

/** Rows of one transaction: SQLite works on the main thread, and other processes wait. */
const atOnce = 5000

/** Rows as one parameter: a statement for each would cost ten times as much. */
const rowsOf = (files: ReadonlyArray<{ readonly path: string }>): string =>
  JSON.stringify(files.map((file) => ({ ...file, path: stored(file.path) })))

const make = Effect.gen(function* () {
  const { read, sql, write } = yield* QueueFile.QueueFile

  const inPortions = <A extends { readonly path: string }>(
    files: ReadonlyArray<A>,
    store: (rows: string) => Effect.Effect<unknown, Failure>,
  ) => Effect.forEach(Array.chunksOf(files, atOnce), (some) => write(store(rowsOf(some))), { discard: true })

  const passesOf = (jobId: string) =>
    Effect.flatMap(
      sql`SELECT pass, "at", files, bytes, digest FROM verification WHERE job_id = ${jobId} ORDER BY pass`,
      Passes,
    )

  const forgetFiles = (jobId: string) => sql`DELETE FROM verified_file WHERE job_id = ${jobId}`

  /** The pass counts when its files are all there: before, `digest` doesn't fit to what is there. */
  const record = Effect.fn("SyncLedger.record")(function* (
    jobId: string,
    at: number,
    files: ReadonlyArray<VerifiedFile>,
  ) {
    yield* write(forgetFiles(jobId))
    yield* inPortions(
      files,
      (rows) => sql`INSERT INTO verified_file (job_id, path, size, stamp, sha256)
        SELECT ${jobId}, value ->> 'path', value ->> 'size', value ->> 'stamp', value ->> 'sha256'
        FROM json_each(${rows})`,
    )
    return yield* write(
      Effect.gen(function* () {
        const last = Option.getOrUndefined(Array.last(yield* passesOf(jobId)))
        const pass = passOf((last?.pass ?? 0) + 1, at, files)
        yield* sql`INSERT INTO verification ${sql.insert({ job_id: jobId, ...pass })}`
        return pass
      }),
    )
  })

  const filesAfter = (jobId: string, last: string) =>
    read(
      Effect.flatMap(
        sql`SELECT path, size, stamp, sha256 FROM verified_file
          WHERE job_id = ${jobId} AND path > ${last} ORDER BY path LIMIT ${atOnce}`,
        Files,
      ),
    )

  return SyncLedger.of({
    record,
    passes: Effect.fn("SyncLedger.passes")((jobId) => read(passesOf(jobId))),
    files: Effect.fn("SyncLedger.files")(function* (jobId) {
      const all: Array<ReadonlyArray<VerifiedFile>> = []
      for (let last = ""; ;) {
        const some = yield* filesAfter(jobId, last)
        all.push(some)
        const next = Array.last(some)
        if (Option.isNone(next)) return all.flat()
        last = stored(next.value.path)
      }
    }),
    forget: Effect.fn("SyncLedger.forget")((jobId) =>
      write(Effect.zipRight(forgetFiles(jobId), sql`DELETE FROM verification WHERE job_id = ${jobId}`)),
    ),
    beginCleanup: Effect.fn("SyncLedger.beginCleanup")((cleanup) =>
      write(
        Effect.flatMap(
          encodeCleanup(cleanup),
          (row) => sql`INSERT OR REPLACE INTO cleanup ${sql.insert(row)}`,
        ),
      ),
    ),
    cleanup: Effect.fn("SyncLedger.cleanup")((jobId) =>
      read(Effect.flatMap(sql`SELECT * FROM cleanup WHERE job_id = ${jobId}`, Cleanups)).pipe(
        Effect.map(Array.head),
      ),
    ),
    unsealed: read(Effect.flatMap(sql`SELECT * FROM cleanup WHERE sealed_at IS NULL`, Cleanups)).pipe(
      Effect.withSpan("SyncLedger.unsealed"),
    ),
    sealedBefore: Effect.fn("SyncLedger.sealedBefore")((before) =>
      read(
        Effect.flatMap(sql`SELECT * FROM cleanup WHERE sealed_at <= ${before} ORDER BY sealed_at`, Cleanups),
      ),
    ),
    seal: Effect.fn("SyncLedger.seal")(function* (jobId, at, stamps) {
      yield* inPortions(
        stamps,
        // The order is told: SQLite would read all rows for each file of the job.
        (rows) => sql`INSERT INTO verified_file (job_id, path, size, stamp, sha256)
          SELECT job_id, path, size, changed.stamp, sha256
          FROM (SELECT value ->> 'path' AS name, value ->> 'stamp' AS stamp FROM json_each(${rows})) AS changed
          CROSS JOIN verified_file ON job_id = ${jobId} AND path = name WHERE true
          ON CONFLICT DO UPDATE SET stamp = excluded.stamp`,
      )
      yield* write(sql`UPDATE cleanup SET sealed_at = ${at} WHERE job_id = ${jobId}`)
    }),
    endCleanup: Effect.fn("SyncLedger.endCleanup")((jobId) =>
      write(sql`DELETE FROM cleanup WHERE job_id = ${jobId}`),
    ),
  })
})

/** The ledger in the queue's file. */
export const layer: Layer.Layer<SyncLedger, QueueUnavailable, Disk | Settings> = Layer.effect(
  SyncLedger,
  make,
).pipe(Layer.provide(QueueFile.layer))
