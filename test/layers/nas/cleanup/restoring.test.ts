import * as fs from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Logger, LogLevel, Option, TestClock } from "effect"
import { emptyTrash } from "../../../../layers/nas/cleanup/emptying.ts"
import { makeUndoInterrupted, restore } from "../../../../layers/nas/cleanup/undoing.ts"
import type { TargetLooks } from "../../../../layers/nas/cleanup/TargetLooks.ts"
import type { SyncJob } from "../../../../src/domain/SyncJob.ts"
import { Disk } from "../../../../src/ports/Disk.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { QueueUnavailable, SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { treeOf } from "../../../contract/targetTrees.ts"
import { Action, DiskFaults } from "../../../support/FaultDisk.ts"
import {
  attempt,
  data,
  dataBelow,
  emptied,
  equipmentId,
  inCleanupWorld,
  jobFor,
  makeRun,
  ripeRun,
  runIn,
  statusOf,
  trashed,
  trashIn,
  verify,
} from "./support.ts"

/** A run whose data are in the trash, which is due. */
const binned = (root: string) =>
  Effect.gen(function* () {
    const job = yield* ripeRun(root)
    yield* attempt(job.id)
    yield* TestClock.adjust("24 hours")
    return job
  })

const jobNow = (id: string) =>
  Effect.flatMap(SyncQueue, (queue) => Effect.map(queue.get(id), Option.getOrThrow))

const isKnown = (id: string) =>
  Effect.flatMap(SyncLedger, (ledger) => Effect.map(ledger.cleanup(id), Option.isSome))

const refusal = (job: SyncJob) =>
  Effect.filterOrDie(
    Effect.flip(restore(job)),
    (error) => error._tag === "NotRestored",
    (error) => error,
  )

/** A run of which a killed clean-up has taken one folder. */
const killedHalfway = (root: string) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    makeRun(runIn(root))
    const states = ["running", "awaiting_verify", "verified", "cleanup_eligible"] as const
    const job = yield* jobFor(runIn(root), "run", states)
    const pass = yield* verify(job.id, job.path)
    const trash = `${trashIn(root)}/${job.id}-1`
    const times = { startedAt: 1, sealedAt: null }
    yield* ledger.beginCleanup({ jobId: job.id, path: job.path, trash, ...pass, ...times })
    fs.mkdirSync(trash, { recursive: true })
    fs.renameSync(`${runIn(root)}/raw`, `${trash}/raw`)
    return job
  })

/** A run whose data are all in the trash, and whose clean-up was killed before it said so anywhere. */
const killedWhenSealed = (root: string) =>
  Effect.gen(function* () {
    const ledger = yield* SyncLedger
    const job = yield* ripeRun(root)
    const killed = SyncLedger.of({
      ...ledger,
      seal: (...args) => Effect.zipRight(ledger.seal(...args), Effect.interrupt),
    })
    yield* Effect.exit(Effect.provideService(attempt(job.id), SyncLedger, killed))
    expect(dataBelow(trashed(root) ?? "")).toEqual(data)
    return job
  })

const noted = `{"another": "run"}`

/** Another run in the place of one that somebody has removed. */
const namesake = (run: string): void => {
  fs.rmSync(run, { recursive: true })
  makeRun(run)
  fs.rmSync(`${run}/.exlab-wizard/checksums.sha256`)
}

describe("a clean-up that was killed when everything was in the trash", () => {
  it.effect.each([true, false])(
    "says nothing in another run that has come to the place, and takes nothing of it; cache kept: %s",
    (retainCache) =>
      inCleanupWorld({ retainCache }, (root) =>
        Effect.gen(function* () {
          const job = yield* killedWhenSealed(root)
          namesake(runIn(root))
          const before = treeOf(runIn(root))
          expect(yield* attempt(job.id)).toMatchObject({
            _tag: "CleanedUp",
            job: { state: "cleaned", reason: expect.stringContaining("another run has come to its place") },
          })
          expect(dataBelow(trashed(root) ?? "")).toEqual(data)
          yield* TestClock.adjust("24 hours")
          yield* emptied()
          expect(trashed(root)).toBeNull()
          expect(treeOf(runIn(root))).toEqual(before)
        }),
      ),
  )

  it.effect("isn't finished while its disk is away", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const job = yield* killedWhenSealed(root)
        const home = `${root}/local/${equipmentId}`
        fs.renameSync(home, `${root}/away`)
        fs.mkdirSync(home)
        expect(yield* Effect.flip(attempt(job.id))).toMatchObject({ _tag: "SyncFailure", class: "transient" })
        fs.rmdirSync(home)
        fs.renameSync(`${root}/away`, home)
        expect(yield* attempt(job.id)).toMatchObject({ _tag: "CleanedUp" })
        expect(statusOf(runIn(root))).toBe("cleaned")
      }),
    ),
  )
})

describe("a trash that is due", () => {
  it.effect("is sent again when what was verified is forgotten meanwhile", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        const job = yield* binned(root)
        yield* emptyTrash({
          target: () => Effect.orDie(ledger.forget(job.id)),
          // Nothing is missing of nothing.
          isThere: (_, files) => Effect.succeed(files.size === 0),
        })
        expect(dataBelow(trashed(root) ?? "")).toEqual(data)
        expect(yield* jobNow(job.id)).toMatchObject({ state: "queued" })
      }),
    ),
  )

  it.effect("is sent again when it was written to while the copy was read back", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const job = yield* binned(root)
        const file = `${trashed(root)}/raw/a.bin`
        yield* emptyTrash({
          target: () => Effect.void,
          isThere: () =>
            Effect.as(
              Effect.sync(() => fs.appendFileSync(file, " and more")),
              true,
            ),
        })
        expect((yield* jobNow(job.id)).reason).toContain(
          "these changed or came: raw/a.bin while its data lay",
        )
        yield* restore(job)
        expect(dataBelow(runIn(root))).toEqual({ ...data, "raw/a.bin": "aaaa and more" })
      }),
    ),
  )

  it.effect("is sent again when somebody noted something in records that were about to go along", () =>
    inCleanupWorld({ retainCache: false }, (root) =>
      Effect.gen(function* () {
        const disk = yield* Disk
        const faults = yield* DiskFaults
        const job = yield* ripeRun(root)
        const record = ".exlab-wizard/creation.json"
        const there = yield* disk.hashFile(`${runIn(root)}/${record}`)
        const looks: TargetLooks<never> = {
          target: () => Effect.void,
          isThere: (_, files) => Effect.succeed((files.get(record)?.sha256 ?? there) === there),
        }
        const effect = Effect.sync(() => fs.appendFileSync(`${runIn(root)}/${record}`, "\n"))
        yield* faults.arm(({ name, paths }) =>
          name === "renameNew" && paths[0] === `${runIn(root)}/.exlab-wizard`
            ? Action.RunBefore({ effect })
            : Action.Pass(),
        )
        yield* attempt(job.id)
        yield* faults.disarm
        yield* TestClock.adjust("24 hours")
        yield* emptyTrash(looks)
        expect((yield* jobNow(job.id)).reason).toContain("its records aren't there as they are here")
        yield* restore(job)
        expect(dataBelow(runIn(root))).toEqual(data)
      }),
    ),
  )

  it.effect("isn't missed after it was emptied, when that could not be written down at once", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const job = yield* binned(root)
        const ledger = yield* SyncLedger
        const broken = SyncLedger.of({
          ...ledger,
          endCleanup: () => new QueueUnavailable({ path: "sync.db", reason: "SQLITE_FULL" }),
        })
        yield* Effect.provideService(emptied(), SyncLedger, broken)
        expect(trashed(root)).toBeNull()
        yield* emptied()
        expect((yield* jobNow(job.id)).state).toBe("cleaned")
        expect(yield* isKnown(job.id)).toBe(false)
      }),
    ),
  )

  it.effect.each(["local", `local/${equipmentId}`])("isn't forgotten while its disk is away: %s", (disk) =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const job = yield* binned(root)
        fs.renameSync(`${root}/${disk}`, `${root}/away`)
        fs.mkdirSync(`${root}/${disk}`)
        yield* emptied()
        expect(yield* isKnown(job.id)).toBe(true)
        fs.rmSync(`${root}/${disk}`, { recursive: true })
        fs.renameSync(`${root}/away`, `${root}/${disk}`)
        yield* emptied()
        expect(yield* isKnown(job.id)).toBe(false)
        expect(trashed(root)).toBeNull()
      }),
    ),
  )

  it.effect("isn't emptied by what was known of it before others put it back and took it away anew", () =>
    inCleanupWorld({ trashHours: 1 }, (root) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        const job = yield* binned(root)
        const old = Option.getOrThrow(yield* ledger.cleanup(job.id))
        const late = SyncLedger.of({
          ...ledger,
          sealedBefore: (before) =>
            Effect.zipLeft(
              ledger.sealedBefore(before),
              ledger.beginCleanup({ ...old, trash: `${old.trash}-new`, sealedAt: before + 1 }),
            ),
        })
        yield* Effect.provideService(emptied(), SyncLedger, late)
        expect(dataBelow(trashed(root) ?? "")).toEqual(data)
        expect(yield* isKnown(job.id)).toBe(true)
      }),
    ),
  )

  it.effect("that was emptied by half before its copy was lost names what is gone, once", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        const job = yield* binned(root)
        yield* faults.arm(({ name, paths }) =>
          name === "removeFile" && paths[0]?.endsWith("b.bin") === true
            ? Action.FailBefore({ errno: "EIO" })
            : Action.Pass(),
        )
        yield* emptied()
        yield* faults.disarm
        const left = dataBelow(trashed(root) ?? "")
        yield* emptied("has lost it")
        expect((yield* jobNow(job.id)).state).toBe("queued")
        const { isPassing, reason } = yield* refusal(job)
        expect(isPassing).toBe(false)
        for (const path of Object.keys(data)) expect(reason.includes(path)).toBe(!(path in left))
        expect(dataBelow(runIn(root))).toEqual(left)
        yield* restore(job)
      }),
    ),
  )
})

describe("what is in a trash goes back", () => {
  it.effect("around what has come to its place, and stays known while something can't", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const job = yield* binned(root)
        fs.mkdirSync(`${runIn(root)}/raw`)
        fs.writeFileSync(`${runIn(root)}/raw/late.bin`, "late")
        fs.writeFileSync(`${runIn(root)}/README.md`, "another")
        expect((yield* refusal(job)).reason).toMatch(/come to the place of README\.md: move one of each away/)
        const other = { "raw/late.bin": "late", "README.md": "another" }
        expect(dataBelow(runIn(root))).toEqual({ ...data, ...other })
        expect(dataBelow(trashed(root) ?? "")).toEqual({ "README.md": data["README.md"] })
        expect(yield* isKnown(job.id)).toBe(true)
        fs.rmSync(`${runIn(root)}/README.md`)
        yield* restore(job)
        expect(dataBelow(runIn(root))).toEqual({ ...data, "raw/late.bin": "late" })
        expect(yield* isKnown(job.id)).toBe(false)
        expect(statusOf(runIn(root))).toBe("pending")
      }),
    ),
  )

  it.effect("not before its disk is there", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const job = yield* binned(root)
        fs.renameSync(`${root}/local`, `${root}/away`)
        fs.mkdirSync(`${root}/local`)
        expect(yield* refusal(job)).toMatchObject({
          isPassing: true,
          reason: expect.stringContaining("is its disk mounted?"),
        })
        expect(fs.readdirSync(`${root}/local`)).toEqual([])
        fs.rmSync(`${root}/local`, { recursive: true })
        fs.renameSync(`${root}/away`, `${root}/local`)
        yield* restore(job)
        expect(dataBelow(runIn(root))).toEqual(data)
      }),
    ),
  )

  it.effect("into no other run, and through no link", () =>
    inCleanupWorld({ retainCache: false }, (root) =>
      Effect.gen(function* () {
        const job = yield* binned(root)
        const run = runIn(root)
        fs.mkdirSync(`${run}/.exlab-wizard`, { recursive: true })
        fs.writeFileSync(`${run}/.exlab-wizard/creation.json`, noted)
        expect((yield* refusal(job)).reason).toContain("another run has come to its place")
        expect(dataBelow(run)).toEqual({})
        fs.rmSync(run, { recursive: true })
        fs.mkdirSync(`${root}/elsewhere`)
        fs.symlinkSync(`${root}/elsewhere`, run)
        expect((yield* refusal(job)).reason).toContain("something else has come to its place")
        expect(fs.readdirSync(`${root}/elsewhere`)).toEqual([])
        fs.rmSync(run)
        yield* restore(job)
        expect(dataBelow(run)).toEqual(data)
        expect(fs.existsSync(trashIn(root))).toBe(false)
      }),
    ),
  )

  it.effect("when a clean-up was killed in the middle and is switched off since", () =>
    inCleanupWorld({ enabled: false }, (root) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        yield* killedHalfway(root)
        yield* Effect.flatten(makeUndoInterrupted)
        expect(dataBelow(runIn(root))).toEqual(data)
        expect(yield* ledger.unsealed).toEqual([])
      }),
    ),
  )

  it.effect("of such a one when its disk comes later, and until then is told of once", () =>
    inCleanupWorld({ enabled: false }, (root) =>
      Effect.gen(function* () {
        const told: Array<string> = []
        const listening = Logger.add(
          Logger.make(({ logLevel, message }) => {
            if (logLevel === LogLevel.Warning) told.push(String(message))
          }),
        )
        yield* killedHalfway(root)
        fs.renameSync(`${root}/local`, `${root}/away`)
        fs.mkdirSync(`${root}/local`)
        const undoing = yield* makeUndoInterrupted
        yield* Effect.provide(Effect.repeatN(undoing, 2), listening)
        expect(told).toEqual([expect.stringContaining("is its disk mounted?")])
        fs.rmdirSync(`${root}/local`)
        fs.renameSync(`${root}/away`, `${root}/local`)
        fs.mkdirSync(`${runIn(root)}/raw`)
        fs.writeFileSync(`${runIn(root)}/raw/a.bin`, "another")
        yield* Effect.provide(Effect.repeatN(undoing, 2), listening)
        expect(told.slice(1)).toEqual([expect.stringContaining("come to the place of raw/a.bin")])
        fs.rmSync(`${runIn(root)}/raw/a.bin`)
        yield* undoing
        expect(dataBelow(runIn(root))).toEqual(data)
      }),
    ),
  )

  it.effect("of each run whose clean-up was killed, whatever is the matter with another one", () =>
    inCleanupWorld({ enabled: false }, (root) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        const [broken, fine] = [`${root}/local/a`, `${root}/local/b`]
        const ids = [yield* killedHalfway(broken), yield* killedHalfway(fine)].map(({ id }) => id)
        for (const one of ids) {
          yield* faults.arm(({ name, paths }) =>
            name === "renameNew" && paths[0]?.includes(one) === true
              ? Action.FailBefore({ errno: "EIO" })
              : Action.Pass(),
          )
          yield* Effect.flatten(makeUndoInterrupted)
        }
        expect(dataBelow(runIn(broken))).toEqual(data)
        expect(dataBelow(runIn(fine))).toEqual(data)
      }),
    ),
  )

  it.effect("and a person is told when something has come to the place of what a killed clean-up took", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const job = yield* killedHalfway(root)
        fs.mkdirSync(`${runIn(root)}/raw`)
        fs.writeFileSync(`${runIn(root)}/raw/a.bin`, "another")
        expect((yield* refusal(job)).reason).toMatch(/come to the place of raw\/a\.bin: move one/)
        expect(dataBelow(runIn(root))).toEqual({ ...data, "raw/a.bin": "another" })
        fs.rmSync(`${runIn(root)}/raw/a.bin`)
        yield* restore(job)
        expect(dataBelow(runIn(root))).toEqual(data)
        expect(yield* isKnown(job.id)).toBe(false)
      }),
    ),
  )

  it.effect("also when the rest of it is removed after a clean-up was killed", () =>
    inCleanupWorld({ minVerifyPasses: 1, minAgeHours: 0 }, (root) =>
      Effect.gen(function* () {
        const job = yield* killedHalfway(root)
        fs.rmSync(runIn(root), { recursive: true })
        expect(yield* attempt(job.id)).toMatchObject({ _tag: "NotYet", unmet: [{ condition: "unchanged" }] })
        yield* restore(job)
        expect(Object.keys(dataBelow(runIn(root)))).toContain("raw/deep/b.bin")
        expect(trashed(root)).toBeNull()
      }),
    ),
  )
})
