import { expect, it } from "@effect/vitest"
import { DateTime, Effect, Option, TestClock } from "effect"
import { cleaningRound } from "../../../../layers/nas/cleanup/round.ts"
import type { SyncJob } from "../../../../src/domain/SyncJob.ts"
import { CreationWriter } from "../../../../src/ports/CreationWriter.ts"
import { SyncLedger } from "../../../../src/ports/SyncLedger.ts"
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

const hours = (n: number): number => n * 3_600_000
const days = (n: number): number => hours(24 * n)

const verifies = { count: 0 }
const round = cleaningRound({
  target: () => Effect.void,
  isThere: () => Effect.succeed(true),
  verify: ({ id, level, path }: SyncJob) =>
    Effect.suspend(() => {
      verifies.count += 1
      return Effect.as(verify(id, path, level), true)
    }),
})

/** Rounds as the service makes them, each minute one at least; hours until the run was cleaned up. */
const hoursUntilCleaned = (most: number) =>
  Effect.gen(function* () {
    verifies.count = 0
    for (let hour = 0; hour <= most; hour += 1) {
      for (let turns = 0; ; turns += 1) {
        const job = yield* round
        if (Option.isNone(job)) break
        if (job.value.state === "cleaned") return hour
        // It waits for its time, and doesn't look again and again.
        expect(turns).toBeLessThan(5)
      }
      yield* TestClock.adjust("1 hour")
    }
    return Infinity
  })

const verifiedOnce = (root: string) =>
  Effect.gen(function* () {
    yield* TestClock.adjust("100 days")
    makeRun(runIn(root))
    const job = yield* jobFor(runIn(root))
    yield* verify(job.id, job.path)
    return job
  })

it.effect("a clock that is set ahead has nothing cleaned up, and no trash emptied, before its time", () =>
  withSetClock((set) =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        yield* verifiedOnce(root)
        set(days(30))
        // What was verified by a clock that is ahead is as young as that says; set right, it is verified anew.
        expect(yield* hoursUntilCleaned(40)).toBe(Infinity)
        set(0)
        expect(yield* hoursUntilCleaned(40)).toBe(24)
        expect(verifies.count).toBe(1)
        set(days(60))
        yield* TestClock.adjust("23 hours")
        yield* emptied()
        expect(dataBelow(trashed(root) ?? "")).toEqual(data)
        yield* TestClock.adjust("1 hour")
        yield* emptied()
        expect(trashed(root)).toBe(null)
      }),
    ),
  ),
)

it.effect("a clock that is set back has nothing cleaned up too early, nor left for ever", () =>
  withSetClock((set) =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        yield* verifiedOnce(root)
        set(-days(3))
        const waited = yield* hoursUntilCleaned(24 * 8)
        expect(waited).toBeGreaterThanOrEqual(25)
        // Each of its waits is longer by what the clock was set back.
        expect(waited).toBeLessThanOrEqual(25 + 2 * 72)
        expect(verifies.count).toBeLessThan(4)
      }),
    ),
  ),
)

it.effect("a verification later than now says nothing: it is made again, and its time counts from then", () =>
  inCleanupWorld({}, (root) =>
    Effect.gen(function* () {
      const job = yield* verifiedOnce(root)
      const ledger = yield* SyncLedger
      yield* ledger.record(job.id, days(500), yield* ledger.files(job.id))
      expect(yield* hoursUntilCleaned(40)).toBe(24)
      expect(verifies.count).toBe(1)
    }),
  ),
)

it.effect("a clock that was set back hides no revocation", () =>
  withSetClock((set) =>
    inCleanupWorld({}, (root) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("100 days")
        const { id, path } = yield* ripeRun(root)
        set(-days(30))
        const now = DateTime.formatIso(yield* DateTime.now)
        const revocation = {
          id: "ovr-2",
          revokes: "ovr-1",
          operator: "asmith",
          reason: "wrong",
          revoked: true,
        } as const
        yield* Effect.flatMap(CreationWriter, ({ update }) =>
          update(path, () => ({ addOverrides: [{ ...revocation, recordedAt: now }] })),
        )
        yield* TestClock.adjust("90 days")
        expect(yield* attempt(id)).toMatchObject({
          _tag: "NotYet",
          unmet: [{ condition: "overrides" }],
        })
      }),
    ),
  ),
)
