import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { CleanupOutcome } from "../../../../layers/nas/cleanup/cleaning.ts"
import type { Condition } from "../../../../layers/nas/cleanup/Proof.ts"
import { restore } from "../../../../layers/nas/cleanup/undoing.ts"
import type { CleanupSettings } from "../../../../src/domain/SyncSettings.ts"
import { CreationWriter } from "../../../../src/ports/CreationWriter.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import {
  attempt,
  data,
  dataBelow,
  emptied,
  equipmentId,
  inCleanupWorld,
  jobFor,
  logOf,
  makeRun,
  ripeRun,
  runIn,
  settingsOf,
  statusOf,
  trashed,
  trashIn,
  verify,
} from "./support.ts"

const unmetOf = (outcome: CleanupOutcome): ReadonlyArray<Condition> =>
  outcome._tag === "NotYet" ? outcome.unmet.map(({ condition }) => condition) : []

const nothingDeleted = (root: string) => {
  expect(dataBelow(runIn(root))).toMatchObject(data)
  expect(trashed(root)).toBeNull()
  expect(statusOf(runIn(root))).toBe("synced")
}

it.effect("a run that may be cleaned up goes to the trash, and its records say so", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const queue = yield* SyncQueue
      const job = yield* ripeRun(root)
      const project = fs.readdirSync(`${root}/local/SCOPE_01/PROJ-0042`)
      const outcome = yield* attempt(job.id)
      expect(outcome).toMatchObject({ _tag: "CleanedUp", job: { id: job.id, state: "cleaned" } })
      expect(fs.readdirSync(runIn(root))).toEqual([".exlab-wizard"])
      expect(dataBelow(trashed(root) ?? "")).toEqual(data)
      expect(fs.existsSync(`${trashed(root) ?? ""}/empty`)).toBe(true)
      expect(statusOf(runIn(root))).toBe("cleaned")
      expect(logOf(runIn(root))).toMatch(/cleaned up.*5 files, 23 bytes; verification 2 of 1970-01-01T01/)
      expect((yield* queue.history(job.id)).slice(-2)).toMatchObject([
        { from: "verified", to: "cleanup_eligible" },
        { from: "cleanup_eligible", to: "cleaned" },
      ])
      expect(fs.readdirSync(`${root}/local/SCOPE_01/PROJ-0042`)).toEqual(project)
    }),
  ),
)

it.effect("a run whose copy is gone, spoilt or out of reach at the last moment stays as it is", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const ledger = yield* SyncLedger
      const job = yield* ripeRun(root)
      expect(unmetOf(yield* attempt(job.id, "goes away"))).toEqual(["target"])
      nothingDeleted(root)
      expect(yield* ledger.passes(job.id)).toHaveLength(2)
      expect(unmetOf(yield* attempt(job.id, "has lost it"))).toEqual(["verified"])
      nothingDeleted(root)
      expect(yield* ledger.passes(job.id)).toEqual([])
      expect(unmetOf(yield* attempt(job.id))).toContain("verified")
      nothingDeleted(root)
    }),
  ),
)

it.effect("the trash is emptied when its time has come", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const ledger = yield* SyncLedger
      const job = yield* ripeRun(root)
      yield* attempt(job.id)
      yield* TestClock.adjust("23 hours")
      yield* emptied()
      expect(dataBelow(trashed(root) ?? "")).toEqual(data)
      yield* TestClock.adjust("1 hour")
      yield* emptied()
      expect(fs.existsSync(trashIn(root))).toBe(false)
      expect(fs.readdirSync(runIn(root))).toEqual([".exlab-wizard"])
      expect(logOf(runIn(root))).toMatch(/removed from the trash: 5 files, 23 bytes/)
      expect(yield* ledger.files(job.id)).toEqual([])
      expect(yield* ledger.sealedBefore(Infinity)).toEqual([])
    }),
  ),
)

it.effect("a trash isn't emptied while the target is away, nor while the clean-up is switched off", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const queue = yield* SyncQueue
      const { id } = yield* ripeRun(root)
      yield* attempt(id)
      yield* TestClock.adjust("24 hours")
      for (const target of ["away", "goes away"] as const) {
        yield* emptied(target)
        expect(dataBelow(trashed(root) ?? "")).toEqual(data)
        expect(yield* queue.get(id)).toMatchObject({ value: { state: "cleaned" } })
      }
      yield* Effect.provide(emptied(), settingsOf(root, { enabled: false }))
      expect(dataBelow(trashed(root) ?? "")).toEqual(data)
      yield* emptied()
      expect(fs.existsSync(trashIn(root))).toBe(false)
    }),
  ),
)

for (const retainCache of [true, false]) {
  it.effect(`data whose copy is lost come back from the trash${retainCache ? "" : ", records and all"}`, () =>
    inCleanupWorld({ retainCache }, (root) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        const queue = yield* SyncQueue
        const job = yield* ripeRun(root)
        yield* attempt(job.id)
        yield* TestClock.adjust("24 hours")
        yield* emptied("has lost it")
        expect(yield* queue.get(job.id)).toMatchObject({
          value: { state: "queued", verifyPasses: 0, reason: expect.stringContaining("its copy was lost") },
        })
        // It isn't cleaned any more: what is in the trash is its worker's to put back.
        yield* emptied()
        expect(dataBelow(trashed(root) ?? "")).toEqual(data)
        yield* restore(job)
        yield* restore(job)
        expect(dataBelow(runIn(root))).toMatchObject(data)
        expect(fs.existsSync(`${runIn(root)}/empty`)).toBe(true)
        expect(statusOf(runIn(root))).toBe("pending")
        expect(fs.existsSync(trashIn(root))).toBe(false)
        expect(yield* ledger.sealedBefore(Infinity)).toEqual([])
      }),
    ),
  )
}

it.effect("what was written to in the trash, or came to it, isn't deleted", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const spoils = [
        (trash: string) => fs.appendFileSync(`${trash}/raw/a.bin`, "late"),
        (trash: string) => fs.appendFileSync(`${trash}/README.md`, "late"),
        (trash: string) => fs.writeFileSync(`${trash}/raw/late.bin`, "late"),
        (trash: string) => fs.symlinkSync("/etc/hostname", `${trash}/raw/link`),
      ]
      for (const [n, spoil] of spoils.entries()) {
        const run = runIn(`${root}/local/${n}`)
        const job = yield* ripeRun(`${root}/local/${n}`)
        yield* attempt(job.id)
        const trash = trashed(`${root}/local/${n}`) ?? ""
        spoil(trash)
        yield* TestClock.adjust("48 hours")
        yield* emptied()
        expect(Object.keys(dataBelow(trash))).toEqual(expect.arrayContaining(Object.keys(data)))
        yield* emptied()
        expect(fs.readdirSync(run)).toEqual([".exlab-wizard"])
      }
    }),
  ),
)

it.effect("without its cache nothing of a run stays, nor anything in the trash when that is emptied", () =>
  inCleanupWorld({ retainCache: false }, (root) =>
    Effect.gen(function* () {
      const job = yield* ripeRun(root)
      expect(yield* attempt(job.id)).toMatchObject({ _tag: "CleanedUp" })
      expect(fs.existsSync(runIn(root))).toBe(false)
      yield* TestClock.adjust("24 hours")
      yield* emptied()
      expect(fs.existsSync(trashIn(root))).toBe(false)
    }),
  ),
)

const revoke = (run: string, recordedAt: string) =>
  Effect.flatMap(CreationWriter, (writer) =>
    writer.update(run, () => ({
      addOverrides: [
        { id: "ovr-2", revokes: "ovr-1", operator: "asmith", recordedAt, reason: "wrong", revoked: true },
      ],
    })),
  )

type Trouble = Effect.Effect.Error<ReturnType<typeof ripeRun> | ReturnType<typeof revoke>>
type Given = Effect.Effect.Context<ReturnType<typeof ripeRun> | ReturnType<typeof revoke>>

const missing: ReadonlyArray<
  readonly [
    what: string,
    condition: Condition,
    settings: Partial<CleanupSettings>,
    prepare: (root: string) => Effect.Effect<string, Trouble, Given>,
    target: "answers" | "away",
  ]
> = [
  [
    "it is switched off",
    "enabled",
    { enabled: false },
    (root) => Effect.map(ripeRun(root), ({ id }) => id),
    "answers",
  ],
  [
    "it was verified too few times",
    "verified",
    { minVerifyPasses: 3 },
    (root) => Effect.map(ripeRun(root), ({ id }) => id),
    "answers",
  ],
  [
    "it was verified often enough, but not as it is",
    "verified",
    {},
    (root) =>
      Effect.gen(function* () {
        const { id, path } = yield* ripeRun(root)
        fs.appendFileSync(`${path}/raw/a.bin`, "more")
        yield* verify(id, path)
        yield* TestClock.adjust("24 hours")
        fs.writeFileSync(`${path}/raw/a.bin`, "aaaa")
        yield* verify(id, path)
        yield* TestClock.adjust("24 hours")
        return id
      }),
    "answers",
  ],
  [
    "its last verification is too young",
    "age",
    { minAgeHours: 25 },
    (root) => Effect.map(ripeRun(root), ({ id }) => id),
    "answers",
  ],
  ["the target doesn't answer", "target", {}, (root) => Effect.map(ripeRun(root), ({ id }) => id), "away"],
  [
    "an override was revoked since",
    "overrides",
    {},
    (root) =>
      Effect.gen(function* () {
        const { id, path } = yield* ripeRun(root)
        yield* revoke(path, "1970-01-01T01:00:00Z")
        return id
      }),
    "answers",
  ],
  [
    "an override was revoked, nobody can tell when",
    "overrides",
    {},
    (root) =>
      Effect.gen(function* () {
        const { id, path } = yield* ripeRun(root)
        yield* revoke(path, "yesterday")
        return id
      }),
    "answers",
  ],
  [
    "its job has gone back to the queue",
    "state",
    {},
    (root) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const { equipmentId, id, level, path } = yield* ripeRun(root)
        yield* queue.enqueue({ equipmentId, level, path }, "queued", "again")
        return id
      }),
    "answers",
  ],
]

it.effect.each(missing)(
  "nothing is deleted when only this is in the way: %s",
  ([, condition, settings, prepare, target]) =>
    inCleanupWorld(settings, (root) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const id = yield* prepare(root)
        const before = yield* queue.get(id)
        expect(unmetOf(yield* attempt(id, target))).toEqual([condition])
        nothingDeleted(root)
        expect(yield* queue.get(id)).toEqual(before)
      }),
    ),
)

it.effect("a revocation before the last verification is in nobody's way", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const job = yield* ripeRun(root)
      yield* revoke(job.path, "1970-01-01T00:59:59Z")
      expect(yield* attempt(job.id)).toMatchObject({ _tag: "CleanedUp" })
    }),
  ),
)

const changes: ReadonlyArray<readonly [what: string, change: (run: string) => void, told: RegExp]> = [
  [
    "a file that changed",
    (run) => fs.appendFileSync(`${run}/raw/deep/b.bin`, "!"),
    /changed: raw\/deep\/b.bin/,
  ],
  [
    "a file that was replaced by one of the same size and time",
    (run) => {
      const { atime, mtime } = fs.statSync(`${run}/raw/a.bin`)
      fs.writeFileSync(`${run}/raw/a.bin`, "AAAA")
      fs.utimesSync(`${run}/raw/a.bin`, atime, mtime)
    },
    /changed: raw\/a.bin/,
  ],
  ["a file that is new", (run) => fs.writeFileSync(`${run}/raw/new.bin`, ""), /new: raw\/new.bin/],
  ["a file at the top", (run) => fs.writeFileSync(`${run}/new.bin`, "n"), /new: new.bin/],
  ["a file that is gone", (run) => fs.rmSync(`${run}/README.md`), /gone: README.md/],
  [
    "a record that changed",
    (run) => fs.writeFileSync(`${run}/.exlab-wizard/readme_fields.json`, '{"a":1}'),
    /changed: .exlab-wizard\/readme_fields.json/,
  ],
]

it.effect("nothing is deleted of a run with what is on no target", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const job = yield* ripeRun(root)
      fs.symlinkSync("a.bin", `${job.path}/raw/link`)
      expect(unmetOf(yield* attempt(job.id))).toEqual(["special"])
      expect(dataBelow(job.path)).toMatchObject(data)
    }),
  ),
)

it.effect.each(changes)("nothing is deleted after a change: %s", ([, change, told]) =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const job = yield* ripeRun(root)
      change(job.path)
      const names = fs.readdirSync(job.path, { recursive: true })
      const outcome = yield* attempt(job.id)
      expect(unmetOf(outcome)).toEqual(["unchanged"])
      expect(outcome._tag === "NotYet" ? outcome.unmet[0].message : "").toMatch(told)
      expect(fs.readdirSync(job.path, { recursive: true })).toEqual(names)
      expect(trashed(root)).toBeNull()
    }),
  ),
)

it.effect("everything that is in the way is told at once", () =>
  inCleanupWorld({ enabled: false }, (root) =>
    Effect.gen(function* () {
      makeRun(runIn(root))
      const job = yield* jobFor(runIn(root))
      expect(unmetOf(yield* attempt(job.id, "away"))).toEqual(["enabled", "verified", "target"])
      nothingDeleted(root)
    }),
  ),
)

it.effect("a project is never cleaned up", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const project = `${root}/local/SCOPE_01/PROJ-0042`
      makeRun(project)
      makeRun(runIn(root))
      const job = yield* jobFor(project, "project")
      yield* verify(job.id, project, "project")
      yield* verify(job.id, project, "project")
      yield* TestClock.adjust("24 hours")
      expect(unmetOf(yield* attempt(job.id))).toEqual(["level"])
      expect(dataBelow(project)).toMatchObject(data)
      nothingDeleted(root)
    }),
  ),
)

it.effect("a file with two names goes with both, also when the trash is emptied in two goes", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      makeRun(runIn(root))
      fs.linkSync(`${runIn(root)}/raw/a.bin`, `${runIn(root)}/also.bin`)
      const job = yield* ripeRun(root)
      expect(yield* attempt(job.id)).toMatchObject({ _tag: "CleanedUp" })
      fs.rmSync(`${trashed(root) ?? ""}/raw/a.bin`)
      yield* TestClock.adjust("24 hours")
      yield* emptied()
      expect(fs.existsSync(trashIn(root))).toBe(false)
    }),
  ),
)

it.effect("a run that only a link leads to isn't ours to clean up", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const job = yield* ripeRun(root)
      const folder = `${root}/local/${equipmentId}/PROJ-0042`
      fs.renameSync(folder, `${root}/elsewhere`)
      fs.symlinkSync(`${root}/elsewhere`, folder)
      expect(yield* attempt(job.id)).toMatchObject({ _tag: "NotYet", unmet: [{ condition: "special" }] })
      expect(dataBelow(job.path)).toEqual(data)
    }),
  ),
)
