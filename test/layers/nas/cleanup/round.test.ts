import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Option, TestClock } from "effect"
import { cleaningRound, type Helpers } from "../../../../layers/nas/cleanup/round.ts"
import { SyncFailure } from "../../../../src/domain/SyncFailure.ts"
import type { SyncJob } from "../../../../src/domain/SyncJob.ts"
import { SyncQueue } from "../../../../src/ports/SyncQueue.ts"
import {
  dataBelow,
  equipmentId,
  inCleanupWorld,
  jobFor,
  makeRun,
  runIn,
  statusOf,
  trashed,
  verify,
} from "./support.ts"

const found = ({ id, level, path }: SyncJob) => Effect.as(verify(id, path, level), true)

type Verifying = ReturnType<typeof found>
type Known = Helpers<Effect.Effect.Error<Verifying>, Effect.Effect.Context<Verifying>>

const round = (over: Partial<Known> = {}) =>
  cleaningRound({
    target: () => Effect.void,
    isThere: () => Effect.succeed(true),
    verify: found,
    ...over,
  }).pipe(Effect.map(Option.map(({ notBefore, state }) => ({ state, notBefore }))))

const verified = (notBefore: string | null) => Option.some({ state: "verified", notBefore })

it.effect("round by round a verified run is verified again, waits, and is cleaned up", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const queue = yield* SyncQueue
      makeRun(runIn(root))
      const job = yield* jobFor(runIn(root))
      yield* verify(job.id, job.path)
      expect(yield* round()).toEqual(verified("1970-01-01T01:00:00.000Z"))
      expect(yield* round()).toEqual(Option.none())
      yield* TestClock.adjust("1 hour")
      expect(yield* round()).toEqual(verified(null))
      expect(yield* queue.get(job.id)).toMatchObject({
        value: { verifyPasses: 1, verifiedAt: "1970-01-01T01:00:00.000Z" },
      })
      expect(yield* round()).toEqual(verified("1970-01-02T01:00:00.000Z"))
      yield* TestClock.adjust("24 hours")
      expect(yield* round()).toEqual(Option.some({ state: "cleaned", notBefore: null }))
      expect(dataBelow(runIn(root))).toEqual({})
      expect(yield* round()).toEqual(Option.none())
    }),
  ),
)

it.effect("a job that the ledger knows nothing of is verified first", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      makeRun(runIn(root))
      yield* jobFor(runIn(root))
      expect(yield* round()).toEqual(verified(null))
      expect(yield* round()).toEqual(verified("1970-01-01T01:00:00.000Z"))
    }),
  ),
)

it.effect("a run that changed, or whose copy did, goes back to the queue", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      for (const [n, spoilt] of ["here", "there"].entries()) {
        const run = runIn(`${root}/local/${n}`)
        makeRun(run)
        const job = yield* jobFor(run)
        if (spoilt === "here") yield* verify(job.id, run)
        if (spoilt === "here") fs.appendFileSync(`${run}/raw/a.bin`, "more")
        const names = dataBelow(run)
        expect(yield* round({ verify: () => Effect.succeed(false) })).toEqual(
          Option.some({ state: "queued", notBefore: null }),
        )
        expect(statusOf(run)).toBe("pending")
        expect(dataBelow(run)).toEqual(names)
        expect(trashed(`${root}/local/${n}`)).toBeNull()
      }
    }),
  ),
)

it.effect("a target that is away is asked again in ten minutes, and nothing ever becomes of a project", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      makeRun(runIn(root))
      yield* jobFor(runIn(root))
      const away = new SyncFailure({ class: "target_away", reason: "away", files: [] })
      expect(yield* round({ target: () => Effect.fail(away) })).toEqual(verified("1970-01-01T00:10:00.000Z"))
      const project = `${root}/local/SCOPE_01/PROJ-0043`
      makeRun(project)
      yield* jobFor(project, "project")
      expect(yield* round()).toEqual(Option.none())
    }),
  ),
)

it.effect("trouble with one run is told, and keeps no other from its turn", () =>
  inCleanupWorld({ minVerifyPasses: 1, minAgeHours: 0 }, (root) =>
    Effect.gen(function* () {
      const queue = yield* SyncQueue
      const paths = ["a", "b", "c"].map((name) => runIn(`${root}/local/${name}`))
      const [removed, broken, fine] = yield* Effect.forEach(paths, (path) => {
        makeRun(path)
        return Effect.tap(jobFor(path), ({ id }) => verify(id, path))
      })
      fs.rmSync(removed?.path ?? "", { recursive: true })
      fs.writeFileSync(`${broken?.path}/.exlab-wizard/creation.json`, "{")
      expect(yield* round()).toEqual(Option.some({ state: "failed", notBefore: null }))
      expect(yield* round()).toEqual(verified("1970-01-01T00:10:00.000Z"))
      expect(yield* round()).toEqual(Option.some({ state: "cleaned", notBefore: null }))
      expect(yield* round()).toEqual(Option.none())
      const reasons = yield* Effect.forEach([removed, broken], (job) => queue.get(job?.id ?? ""))
      expect(reasons).toMatchObject([
        { value: { reason: "the directory is gone" } },
        { value: { reason: expect.stringContaining("creation.json") } },
      ])
      expect(yield* queue.get(fine?.id ?? "")).toMatchObject({ value: { state: "cleaned" } })
    }),
  ),
)

it.effect("a run isn't gone while the disk of its equipment is away", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      makeRun(runIn(root))
      yield* jobFor(runIn(root))
      fs.renameSync(`${root}/local/${equipmentId}`, `${root}/away`)
      fs.mkdirSync(`${root}/local/${equipmentId}`)
      expect(yield* round()).toEqual(verified("1970-01-01T00:10:00.000Z"))
      fs.rmdirSync(`${root}/local/${equipmentId}`)
      fs.renameSync(`${root}/away`, `${root}/local/${equipmentId}`)
      fs.rmSync(`${root}/local/${equipmentId}/PROJ-0042`, { recursive: true })
      yield* TestClock.adjust("10 minutes")
      expect(yield* round()).toEqual(Option.some({ state: "failed", notBefore: null }))
    }),
  ),
)

it.effect(
  "a run with a link is left alone and looked at again in a day, and isn't sent again and again",
  () =>
    inCleanupWorld({ minVerifyPasses: 1 }, (root) =>
      Effect.gen(function* () {
        const queue = yield* SyncQueue
        makeRun(runIn(root))
        fs.symlinkSync("raw/a.bin", `${runIn(root)}/latest`)
        const { id, path } = yield* jobFor(runIn(root))
        yield* verify(id, path)
        yield* TestClock.adjust("24 hours")
        expect(yield* round()).toEqual(verified("1970-01-03T00:00:00.000Z"))
        expect(yield* queue.get(id)).toMatchObject({
          value: { reason: "it has what isn't copied, links or special files: latest" },
        })
        fs.rmSync(`${path}/latest`)
        yield* TestClock.adjust("24 hours")
        expect(yield* round()).toEqual(Option.some({ state: "cleaned", notBefore: null }))
      }),
    ),
)

it.effect("a verification that takes longer than a lease keeps the job", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const queue = yield* SyncQueue
      makeRun(runIn(root))
      yield* jobFor(runIn(root))
      const started = yield* Deferred.make<void>()
      const slow = (job: SyncJob) =>
        Effect.zipRight(Deferred.succeed(started, undefined), Effect.delay(found(job), "5 minutes"))
      const fiber = yield* Effect.fork(round({ verify: slow }))
      yield* Deferred.await(started)
      yield* TestClock.adjust("4 minutes")
      expect(yield* queue.recover).toBe(0)
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toEqual(verified(null))
    }),
  ),
)

it.effect("nothing is looked at where cleaning up is switched off", () =>
  inCleanupWorld({ enabled: false }, (root) =>
    Effect.gen(function* () {
      makeRun(runIn(root))
      yield* jobFor(runIn(root))
      expect(yield* round()).toEqual(Option.none())
    }),
  ),
)
