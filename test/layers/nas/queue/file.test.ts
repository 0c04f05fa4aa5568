import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { dirname } from "node:path"
import { expect, it } from "@effect/vitest"
import { Array, Context, Effect, Either, Layer, Option } from "effect"
import * as NodeDisk from "../../../../layers/disk/NodeDisk.ts"
import * as QueueFile from "../../../../layers/nas/queue/QueueFile.ts"
import { applicationId, migrations } from "../../../../layers/nas/queue/schema.ts"
import * as SqliteSyncQueue from "../../../../layers/nas/queue/SqliteSyncQueue.ts"
import type { SqlError } from "@effect/sql/SqlError"
import type { LocksUnsupported } from "../../../../src/domain/Errors.ts"
import { type LeaseLost, type QueueUnavailable, SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { target, wish } from "../../../contract/syncQueue.ts"
import * as FaultDisk from "../../../support/FaultDisk.ts"
import { temporaryDirectory } from "../../../support/temporaryDirectory.ts"
import { ownerIn, settingsIn } from "./support.ts"

const fileIn = (root: string) => `${root}/state/sync/queue.db`

/** Opens the queue, does something, and closes it. */
const using = <A, E>(root: string, use: (queue: typeof SyncQueue.Service) => Effect.Effect<A, E>) =>
  Effect.scoped(
    Effect.flatMap(Layer.build(ownerIn(`${root}/state`)), (context) => use(Context.get(context, SyncQueue))),
  )

const opening = (root: string) => using(root, () => Effect.void)

/** Statements on the file, as somebody who knows SQLite would run them. */
const meddle = (root: string, ...statements: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { sql } = yield* QueueFile.QueueFile
    return yield* Effect.forEach(statements, (statement) => sql.unsafe(statement))
  }).pipe(
    Effect.provide(
      QueueFile.layer.pipe(Layer.provide(Layer.merge(NodeDisk.layer, settingsIn(`${root}/state`)))),
    ),
  )

const enqueueOne = (n: number) => (queue: typeof SyncQueue.Service) =>
  queue.enqueue(target(n), "queued", "created")

const modes = (...paths: ReadonlyArray<string>) => paths.map((path) => fs.statSync(path).mode & 0o777)

it.scopedLive("its folders and its file are for their owner alone", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    yield* opening(root)
    const state = `${root}/state`
    expect(modes(state, `${state}/sync`, fileIn(root))).toEqual([0o700, 0o700, 0o600])
    expect(fs.readdirSync(`${state}/sync/locks`)).toEqual([])
  }),
)

it.scopedLive("a state directory that was there keeps its mode", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    fs.mkdirSync(`${root}/state`, { mode: 0o755 })
    yield* opening(root)
    expect(modes(`${root}/state`)).toEqual([0o755])
  }),
)

it.scopedLive("jobs survive a restart, stray bytes in their paths too, and no lock file is left", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const path = "/data/a\\u0041 \\ \udc80\udcff é 😀"
    const job = yield* using(root, (queue) =>
      Effect.gen(function* () {
        const job = yield* queue.enqueue({ ...target(1), path }, "queued", "created")
        yield* Effect.scoped(Effect.map(queue.claim(wish()), Option.getOrThrow))
        return job
      }),
    )
    expect(yield* using(root, (queue) => queue.find(path))).toEqual(Option.some(job))
    expect(job.path).toBe(path)
    expect(fs.readdirSync(`${root}/state/sync/locks`)).toEqual([])
  }),
)

const refusals: ReadonlyArray<
  readonly [
    what: string,
    spoil: (root: string) => Effect.Effect<unknown, QueueUnavailable | LocksUnsupported | SqlError>,
    reason: RegExp,
  ]
> = [
  [
    "garbage",
    (root) => Effect.sync(() => fs.writeFileSync(fileIn(root), "not a database at all ".repeat(500))),
    /damaged .*backup/,
  ],
  [
    "a file that was cut off",
    (root) => Effect.sync(() => fs.truncateSync(fileIn(root), 3 * 4096 + 100)),
    /damaged .*backup/,
  ],
  [
    "a page that was overwritten",
    (root) =>
      Effect.sync(() => {
        const file = fs.openSync(fileIn(root), "r+")
        fs.writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, 4096)
        fs.closeSync(file)
      }),
    /damaged .*backup/,
  ],
  [
    "a newer version's file",
    (root) => meddle(root, `PRAGMA user_version = ${migrations.length + 1}`),
    /a newer version of exlab-wizard made it/,
  ],
  ["another program's file", (root) => meddle(root, "PRAGMA application_id = 7"), /some other program's/],
  [
    "a directory",
    (root) =>
      Effect.sync(() => {
        fs.rmSync(fileIn(root))
        fs.mkdirSync(fileIn(root))
      }),
    /isn't a file/,
  ],
  [
    "a link",
    (root) =>
      Effect.sync(() => {
        fs.renameSync(fileIn(root), `${root}/elsewhere.db`)
        fs.symlinkSync(`${root}/elsewhere.db`, fileIn(root))
      }),
    /isn't a file/,
  ],
]

it.each(refusals)("%s is refused with a remedy and left as it is", (_, spoil, reason) =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const root = yield* temporaryDirectory
        yield* using(root, (queue) =>
          Effect.forEach(Array.range(1, 60), (n) => enqueueOne(n)(queue), { discard: true }),
        )
        yield* spoil(root)
        const bytes = () => (fs.statSync(fileIn(root)).isFile() ? fs.readFileSync(fileIn(root)) : null)
        const before = bytes()
        const error = yield* Effect.flip(opening(root))
        expect(error).toMatchObject({ _tag: "QueueUnavailable", path: fileIn(root) })
        expect(error.message).toMatch(reason)
        expect(bytes()).toEqual(before)
      }),
    ),
  ),
)

const losses: ReadonlyArray<readonly [what: string, suffix: string, lose: (path: string) => void]> = [
  ["is removed", "", (path) => fs.rmSync(path)],
  [
    "is replaced by another",
    "",
    (path) => {
      fs.copyFileSync(path, `${path}.other`)
      fs.renameSync(`${path}.other`, path)
    },
  ],
  ["loses its folder", "", (path) => fs.rmSync(dirname(path), { recursive: true })],
  ["loses its write-ahead log", "-wal", (path) => fs.rmSync(path)],
]

it.each(losses)(
  "a file that %s under a running queue is noticed at once, by whatever is done",
  (_, suffix, lose) =>
    Effect.gen(function* () {
      const root = yield* temporaryDirectory
      const path = `${fileIn(root)}${suffix}`
      yield* using(root, (queue) =>
        Effect.gen(function* () {
          const { id } = yield* enqueueOne(1)(queue)
          const claim = Option.getOrThrow(yield* queue.claim(wish()))
          lose(path)
          const all = [
            enqueueOne(2)(queue),
            queue.get(id),
            queue.counts,
            queue.list({}),
            Effect.scoped(queue.claim(wish())),
            queue.renew(claim),
            queue.move(claim, "running"),
            queue.pauseTarget({ equipmentId: "E", reason: "", since: 0, until: 1 }),
          ].map((one: Effect.Effect<object | void, LeaseLost | QueueUnavailable>) => Effect.asVoid(one))
          for (const one of all) {
            expect(yield* Effect.flip(one)).toMatchObject({ _tag: "QueueUnavailable" })
          }
        }).pipe(Effect.scoped),
      )
    }).pipe(Effect.scoped, Effect.runPromise),
)

it.scopedLive("a file that was moved away and comes back is used on", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const path = fileIn(root)
    yield* using(root, (queue) =>
      Effect.gen(function* () {
        const one = yield* enqueueOne(1)(queue)
        fs.renameSync(path, `${path}.away`)
        expect(yield* Effect.flip(enqueueOne(2)(queue))).toMatchObject({ _tag: "QueueUnavailable", path })
        fs.renameSync(`${path}.away`, path)
        const two = yield* enqueueOne(2)(queue)
        expect((yield* queue.list({})).map(({ id }) => id)).toEqual([one.id, two.id])
      }),
    )
  }),
)

it.scopedLive("a row that isn't a job is told as damage, not guessed at", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    yield* using(root, enqueueOne(1))
    yield* meddle(root, "UPDATE job SET state = 'flying'")
    const error: QueueUnavailable = yield* Effect.flip(using(root, (queue) => queue.list({}))).pipe(
      Effect.map((error) => (error._tag === "QueueUnavailable" ? error : Option.getOrThrow(Option.none()))),
    )
    expect(error.message).toMatch(/damaged .*flying/)
  }),
)

it.scopedLive("a file of version 1 is brought up to date with its jobs", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    const job = yield* using(root, enqueueOne(1))
    const tables = `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`
    const [newest] = yield* meddle(root, tables)
    const [row] = yield* meddle(root, "SELECT * FROM job")
    fs.rmSync(`${root}/state`, { recursive: true })
    yield* opening(root)
    const drop = (newest ?? []).map((table) => `DROP TABLE "${String(Object.values(table)[0])}"`)
    const old = Object.fromEntries(Object.entries(row?.[0] ?? {}).filter(([name]) => name !== "put_off_at"))
    const columns = Object.keys(old).join(", ")
    const values = Object.values(old).map((value) => (value === null ? "NULL" : `'${String(value)}'`))
    yield* meddle(
      root,
      "PRAGMA foreign_keys = OFF",
      ...drop,
      ...(migrations[0] ?? []),
      `PRAGMA application_id = ${applicationId}`,
      "PRAGMA user_version = 1",
      `INSERT INTO job (${columns}) VALUES (${values.join(", ")})`,
    )
    expect(yield* using(root, (queue) => queue.list({}))).toEqual([job])
    const [after, version] = yield* meddle(root, tables, "PRAGMA user_version")
    expect(after).toEqual(newest)
    expect(version).toEqual([{ user_version: migrations.length }])
  }),
)

/** Room of so many kibibytes, where this machine lets us have it. */
const small = (path: string, kib: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      fs.mkdirSync(path)
      return Either.isRight(
        Either.try(() =>
          execFileSync("/bin/mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", path], {
            stdio: "ignore",
          }),
        ),
      )
    }),
    (mounted) => Effect.sync(() => (mounted ? execFileSync("/bin/umount", ["--lazy", path]) : undefined)),
  )

it.scopedLive("on a full disk nothing is half done, and with room again it goes on", (context) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    if (!(yield* small(`${root}/state`, 1024))) return context.skip("no file system can be mounted here")
    yield* using(root, (queue) =>
      Effect.gen(function* () {
        const { path } = yield* enqueueOne(1)(queue)
        fs.writeFileSync(`${root}/state/filler`, "")
        const { bavail, bsize } = fs.statfsSync(`${root}/state`)
        fs.writeFileSync(`${root}/state/filler`, Buffer.alloc(bavail * bsize))
        const attempts = yield* Effect.forEach(Array.range(2, 400), (n) =>
          Effect.either(enqueueOne(n)(queue)),
        )
        const [failed, done] = Array.separate(attempts)
        expect(new Set(failed.map(({ message }) => /disk is full/.test(message)))).toEqual(new Set([true]))
        const acknowledged = [path, ...done.map((job) => job.path)]
        expect((yield* queue.list({})).map((job) => job.path)).toEqual(acknowledged)
        fs.rmSync(`${root}/state/filler`)
        yield* enqueueOne(1000)(queue)
        expect(yield* queue.list({})).toHaveLength(acknowledged.length + 1)
      }),
    )
  }),
)

it.scopedLive("on a disk that can't be written it isn't opened", (context) =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    if (!(yield* small(`${root}/state`, 1024))) return context.skip("no file system can be mounted here")
    yield* using(root, enqueueOne(1))
    execFileSync("/bin/mount", ["-o", "remount,ro", `${root}/state`])
    expect(yield* Effect.flip(opening(root))).toMatchObject({ _tag: "QueueUnavailable" })
  }),
)

it.scopedLive("a fault of the disk at any operation is told, and the next start and claim go well", () =>
  Effect.gen(function* () {
    const root = yield* temporaryDirectory
    let n = 0
    const attempt = Effect.suspend(() => {
      n += 1
      const layer = Layer.provide(Layer.fresh(SqliteSyncQueue.layer), settingsIn(`${root}/${n}/state`))
      return Effect.scoped(
        Effect.flatMap(Layer.build(layer), (context) => {
          const queue = Context.get(context, SyncQueue)
          return Effect.zipRight(enqueueOne(1)(queue), Effect.map(queue.claim(wish()), Option.isSome))
        }),
      )
    })
    yield* FaultDisk.sweep(attempt, ({ operation }, exit) =>
      Effect.gen(function* () {
        if (exit._tag === "Failure" && exit.cause._tag === "Fail") {
          expect(exit.cause.error).toMatchObject({ _tag: "QueueUnavailable" })
        }
        const claim = using(`${root}/${n}`, (queue) =>
          Effect.scoped(Effect.zipRight(enqueueOne(1)(queue), queue.claim(wish()))),
        )
        expect([operation.name, Option.isSome(yield* claim)]).toEqual([operation.name, true])
        expect(yield* using(`${root}/${n}`, (queue) => queue.list({}))).toHaveLength(1)
      }),
    )
  }).pipe(Effect.provide(FaultDisk.layer.pipe(Layer.provide(NodeDisk.layer)))),
)
