import * as fs from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Option, TestClock } from "effect"
import { emptyTrash } from "../../../../layers/nas/cleanup/emptying.ts"
import { cleaningRound } from "../../../../layers/nas/cleanup/round.ts"
import { restore } from "../../../../layers/nas/cleanup/undoing.ts"
import { makePace } from "../../../../layers/nas/transports/pace.ts"
import type { SyncJob } from "../../../../src/domain/SyncJob.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import { Action, DiskFaults } from "../../../support/FaultDisk.ts"
import { withSetClock } from "../../../support/setClock.ts"
import {
  attempt,
  data,
  dataBelow,
  emptied,
  inCleanupWorld,
  jobFor,
  makeRun,
  ripeRun,
  runIn,
  trashed,
  verify,
} from "./support.ts"

const round = cleaningRound({
  target: () => Effect.void,
  isThere: () => Effect.succeed(true),
  verify: ({ id, level, path }: SyncJob) => Effect.as(verify(id, path, level), true),
})

/** What a worker makes of a queued job: it copies and verifies, and finds the directory as it is. */
const worked = (id: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const queue = yield* SyncQueue
      const ledger = yield* SyncLedger
      const claim = Option.getOrThrow(yield* queue.claimJob(id, ["queued"]))
      const running = yield* queue.move(claim, "running")
      const arrived = yield* queue.move(running, "awaiting_verify")
      yield* ledger.forget(id)
      yield* verify(id, claim.job.path)
      return yield* queue.release(arrived, "verified", { verifyPasses: 1 })
    }),
  )

describe("rounds of the clean-up", () => {
  it.effect("don't have a run with a link copied again and again", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        makeRun(runIn(root))
        fs.symlinkSync("raw/a.bin", `${runIn(root)}/latest`)
        const job = yield* jobFor(runIn(root))
        yield* verify(job.id, job.path)
        let again = 0
        for (let minute = 0; minute < 60; minute += 1) {
          const done = yield* round
          if (Option.isSome(done) && done.value.state === "queued") {
            again += 1
            yield* worked(job.id)
          }
          yield* TestClock.adjust("1 minute")
        }
        expect(again).toBeLessThan(3)
      }),
    ),
  )

  it.effect("reach other runs when one was removed by hand", () =>
    inCleanupWorld({ minVerifyPasses: 1, minAgeHours: 0 }, (root) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        const paths = [runIn(`${root}/local/0`), runIn(`${root}/local/1`)]
        const jobs = yield* Effect.forEach(paths, (path) =>
          Effect.gen(function* () {
            makeRun(path)
            const job = yield* jobFor(path)
            yield* verify(job.id, path)
            return job
          }),
        )
        fs.rmSync(paths[0] ?? "", { recursive: true })
        // A turn that fails is followed by another one a minute later.
        for (let minute = 0; minute < 60; minute += 1) {
          yield* Effect.ignore(round)
          yield* TestClock.adjust("1 minute")
        }
        const states = yield* Effect.forEach(jobs, ({ id }) =>
          Effect.map(queue.get(id), (job) => Option.getOrThrow(job).state),
        )
        expect(states[1]).toBe("cleaned")
      }),
    ),
  )
})

describe("a trash", () => {
  it.effect("isn't emptied when what was verified is forgotten meanwhile", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        const job = yield* ripeRun(root)
        yield* attempt(job.id)
        yield* TestClock.adjust("24 hours")
        // A verification that began before the clean-up ends now, and finds files missing.
        yield* emptyTrash({
          target: () => Effect.orDie(ledger.forget(job.id)),
          // As `isThere` of the sync: nothing is missing of nothing.
          isThere: (_, files) => Effect.succeed(files.size === 0),
        })
        expect({ ...dataBelow(trashed(root) ?? ""), ...dataBelow(runIn(root)) }).toEqual(data)
      }),
    ),
  )

  it.effect("that was emptied half isn't sent again as if it were the run", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        const queue = yield* SyncQueue
        const job = yield* ripeRun(root)
        yield* attempt(job.id)
        yield* TestClock.adjust("24 hours")
        yield* faults.arm(({ name, paths }) =>
          name === "removeFile" && paths[0]?.endsWith("b.bin") === true
            ? Action.FailBefore({ errno: "EIO" })
            : Action.Pass(),
        )
        yield* emptied()
        yield* faults.disarm
        const left = dataBelow(trashed(root) ?? "")
        expect(Object.keys(left).length).toBeLessThan(Object.keys(data).length)
        yield* emptied("has lost it")
        const now = Option.getOrThrow(yield* queue.get(job.id))
        // What is only on the NAS, or nowhere, mustn't be taken for a run that is whole.
        expect([now.state, now.reason]).not.toEqual([
          "queued",
          "its copy was lost or spoilt while its data lay in the trash: they are sent again",
        ])
      }),
    ),
  )

  it.effect("is undone also when clean-up was switched off after a kill in the middle of it", () =>
    inCleanupWorld({ enabled: false }, (root) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        makeRun(runIn(root))
        const job = yield* jobFor(runIn(root), "run", [
          "running",
          "awaiting_verify",
          "verified",
          "cleanup_eligible",
        ])
        const pass = yield* verify(job.id, job.path)
        const trash = `${runIn(root)}/../.exlab-wizard/trash/${job.id}-1`
        yield* ledger.beginCleanup({
          jobId: job.id,
          path: job.path,
          trash,
          startedAt: 1,
          sealedAt: null,
          ...pass,
        })
        fs.mkdirSync(trash, { recursive: true })
        fs.renameSync(`${runIn(root)}/raw`, `${trash}/raw`)
        for (let turn = 0; turn < 5; turn += 1) {
          yield* round
          yield* emptied()
          yield* TestClock.adjust("1 hour")
        }
        expect(dataBelow(runIn(root))).toEqual(data)
      }),
    ),
  )

  it.effect("goes back only into the run that it was taken from", () =>
    inCleanupWorld({ retainCache: false }, (root) =>
      Effect.gen(function* () {
        const job = yield* ripeRun(root)
        yield* attempt(job.id)
        expect(fs.existsSync(runIn(root))).toBe(false)
        // Another run is made at the same place.
        fs.mkdirSync(`${runIn(root)}/.exlab-wizard`, { recursive: true })
        fs.writeFileSync(`${runIn(root)}/.exlab-wizard/creation.json`, `{"another": "run"}`)
        fs.writeFileSync(`${runIn(root)}/README.md`, "# another run\n")
        yield* Effect.ignore(restore(job))
        expect(dataBelow(runIn(root))).toEqual({ "README.md": "# another run\n" })
      }),
    ),
  )

  it.effect("isn't restored through a link", () =>
    inCleanupWorld({ retainCache: false }, (root) =>
      Effect.gen(function* () {
        const job = yield* ripeRun(root)
        yield* attempt(job.id)
        fs.mkdirSync(`${root}/elsewhere`)
        fs.symlinkSync(`${root}/elsewhere`, runIn(root))
        yield* Effect.ignore(restore(job))
        expect(fs.readdirSync(`${root}/elsewhere`)).toEqual([])
      }),
    ),
  )

  it.effect("isn't given up because its disk is away when its data shall come back", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        const job = yield* ripeRun(root)
        yield* attempt(job.id)
        fs.renameSync(`${root}/local`, `${root}/away`)
        fs.mkdirSync(`${root}/local`)
        yield* Effect.ignore(restore(job))
        fs.rmSync(`${root}/local`, { recursive: true })
        fs.renameSync(`${root}/away`, `${root}/local`)
        expect(Option.isSome(yield* ledger.cleanup(job.id))).toBe(true)
      }),
    ),
  )

  it.effect("isn't emptied when it was written to while the copy was read back", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const job = yield* ripeRun(root)
        yield* attempt(job.id)
        yield* TestClock.adjust("24 hours")
        const file = `${trashed(root)}/raw/a.bin`
        yield* emptyTrash({
          target: () => Effect.void,
          isThere: () =>
            Effect.sync(() => {
              fs.appendFileSync(file, " and what the instrument still writes")
              return true
            }),
        })
        expect(fs.existsSync(file)).toBe(true)
      }),
    ),
  )

  it.effect("is looked up again before it is emptied: it may be another one by now", () =>
    inCleanupWorld({ trashHours: 1 }, (root) =>
      Effect.gen(function* () {
        const ledger = yield* SyncLedger
        const queue = yield* SyncQueue
        const job = yield* ripeRun(root)
        yield* attempt(job.id)
        const old = Option.getOrThrow(yield* ledger.cleanup(job.id))
        yield* TestClock.adjust("2 hours")
        let looked = false
        const ledgerOfOther = {
          ...ledger,
          // While one process is busy with other trashes, another one has this run sent and cleaned up again.
          sealedBefore: (before: number) =>
            Effect.tap(ledger.sealedBefore(before), () =>
              Effect.gen(function* () {
                if (looked) return
                looked = true
                yield* Effect.scoped(
                  Effect.flatMap(
                    Effect.map(queue.claimJob(job.id, ["cleaned"]), Option.getOrThrow),
                    (claim) => queue.release(claim, "queued", { reason: "lost" }),
                  ),
                )
                yield* Effect.scoped(
                  Effect.flatMap(Effect.map(queue.claimJob(job.id, ["queued"]), Option.getOrThrow), (claim) =>
                    ledger.seal(claim.job.id, 0, []).pipe(
                      Effect.zipRight(
                        ledger.beginCleanup({ ...old, trash: `${old.trash}-new`, sealedAt: 9e15 }),
                      ),
                      Effect.zipRight(Effect.sync(() => fs.renameSync(old.trash, `${old.trash}-new`))),
                      Effect.zipRight(queue.move(claim, "running")),
                      Effect.flatMap((next) => queue.move(next, "awaiting_verify")),
                      Effect.flatMap((next) => queue.move(next, "verified")),
                      Effect.flatMap((next) => queue.move(next, "cleanup_eligible")),
                      Effect.flatMap((next) => queue.release(next, "cleaned")),
                    ),
                  ),
                )
              }).pipe(Effect.orDie),
            ),
        }
        yield* Effect.provideService(emptied(), SyncLedger, SyncLedger.of(ledgerOfOther))
        // The new trash isn't due, and is still known.
        expect(Option.map(yield* ledger.cleanup(job.id), ({ trash }) => trash)).toEqual(
          Option.some(`${old.trash}-new`),
        )
      }),
    ),
  )

  it.effect("is emptied after somebody verified while it was filled", () =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        const faults = yield* DiskFaults
        const ledger = yield* SyncLedger
        const job = yield* ripeRun(root)
        let done = false
        // A person's comparison sees files vanish, and has the passes begin anew.
        yield* faults.arm(({ name }) => {
          if (done || name !== "renameNew") return Action.Pass()
          done = true
          return Action.RunAfter({ effect: Effect.orDie(ledger.forget(job.id)) })
        })
        const outcome = yield* attempt(job.id)
        yield* faults.disarm
        yield* TestClock.adjust("25 hours")
        yield* emptied()
        expect({ outcome: outcome._tag, trash: dataBelow(trashed(root) ?? "") }).toMatchObject(
          outcome._tag === "CleanedUp" ? { trash: {} } : {},
        )
        if (outcome._tag === "CleanedUp") expect(trashed(root)).toBeNull()
      }),
    ),
  )
})

describe("a pace", () => {
  it.effect("goes on when the clock is set back", () =>
    withSetClock((set) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("100 days")
        const { pay } = yield* makePace(1_000_000)
        const first = yield* Effect.fork(pay(1_000_000))
        yield* TestClock.adjust("2 seconds")
        yield* Fiber.join(first)
        set(-Duration.toMillis("10 hours"))
        const second = yield* Effect.fork(pay(1_000_000))
        yield* TestClock.adjust("1 minute")
        expect(Option.isSome(yield* Fiber.poll(second))).toBe(true)
      }),
    ),
  )
})
