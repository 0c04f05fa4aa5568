import { expect, it } from "@effect/vitest"
import { Array, Effect, type Layer, Option } from "effect"
import { type Cleanup, SyncLedger, type VerifiedFile } from "../../src/ports/SyncLedger.ts"
import type { QueueUnavailable } from "../../src/ports/SyncQueue.ts"

const file = (path: string, content = "a"): VerifiedFile => ({
  path,
  size: content.length,
  stamp: `1:2:${path.length}`,
  sha256: content.repeat(64).slice(0, 64),
})

const cleanup: Cleanup = {
  jobId: "job_1",
  path: "/data/Runs/Run_1",
  trash: "/data/Runs/.exlab-wizard/trash/job_1-5",
  pass: 2,
  files: 3,
  bytes: 4,
  startedAt: 5,
  sealedAt: null,
}

/** One suite for every adapter of the port. */
export const syncLedgerContract = <E>(name: string, layer: Layer.Layer<SyncLedger, E>) => {
  const test = (
    what: string,
    body: (ledger: typeof SyncLedger.Service) => Effect.Effect<void, QueueUnavailable>,
  ) => it.scoped(`${name}: ${what}`, () => Effect.provide(Effect.flatMap(SyncLedger, body), layer))

  test("passes are counted for each job, and the last one's files are there", (ledger) =>
    Effect.gen(function* () {
      const both = [file("b"), file("a/\udc80\\u0041", "c")]
      const first = yield* ledger.record("job_1", 10, both)
      const second = yield* ledger.record("job_1", 20, both.toReversed())
      const other = yield* ledger.record("job_2", 20, [file("b")])
      expect(first).toMatchObject({ pass: 1, at: 10, files: 2, bytes: 2 })
      expect(second).toEqual({ ...first, pass: 2, at: 20 })
      expect(other.digest).not.toBe(first.digest)
      expect(yield* ledger.passes("job_1")).toEqual([first, second])
      expect(yield* ledger.files("job_1")).toEqual(both.toReversed())
      expect(yield* ledger.files("job_3")).toEqual([])
      yield* ledger.forget("job_1")
      expect(yield* ledger.passes("job_1")).toEqual([])
      expect(yield* ledger.files("job_1")).toEqual([])
      expect(yield* ledger.passes("job_2")).toEqual([other])
    }))

  test("a pass's digest tells paths, sizes and contents, and no stamps", (ledger) =>
    Effect.gen(function* () {
      const one = file("b")
      const variants = [
        one,
        { ...one, stamp: "other" },
        { ...one, path: "c" },
        { ...one, size: 9 },
        file("b", "d"),
      ]
      const passes = yield* Effect.forEach(variants, (some) => ledger.record("job_1", 1, [some]))
      const [first, restamped, ...others] = passes.map(({ digest }) => digest)
      expect(restamped).toBe(first)
      expect(new Set([first, ...others]).size).toBe(4)
    }))

  test("many files are kept, and stamped anew", (ledger) =>
    Effect.gen(function* () {
      const many = Array.makeBy(12_000, (n) => file(`f${String(n).padStart(6, "0")}`))
      yield* ledger.record("job_1", 1, many)
      expect(yield* ledger.files("job_1")).toEqual(many)
      yield* ledger.beginCleanup(cleanup)
      const stamps = many.map(({ path }) => ({ path, stamp: `new ${path}` }))
      yield* ledger.seal("job_1", 7, [...stamps, { path: "unknown", stamp: "x" }])
      expect(yield* ledger.files("job_1")).toEqual(many.map((one, n) => ({ ...one, ...stamps[n] })))
    }))

  test("a clean-up is known from its beginning to its end", (ledger) =>
    Effect.gen(function* () {
      expect(yield* ledger.cleanup("job_1")).toEqual(Option.none())
      yield* ledger.beginCleanup({ ...cleanup, pass: 1 })
      yield* ledger.beginCleanup(cleanup)
      expect(yield* ledger.cleanup("job_1")).toEqual(Option.some(cleanup))
      expect(yield* ledger.sealedBefore(1000)).toEqual([])
      expect(yield* ledger.unsealed).toEqual([cleanup])
      yield* ledger.seal("job_1", 50, [])
      expect(yield* ledger.unsealed).toEqual([])
      expect(yield* ledger.sealedBefore(49)).toEqual([])
      expect(yield* ledger.sealedBefore(50)).toEqual([{ ...cleanup, sealedAt: 50 }])
      yield* ledger.endCleanup("job_1")
      expect(yield* ledger.cleanup("job_1")).toEqual(Option.none())
      expect(yield* ledger.sealedBefore(1000)).toEqual([])
    }))
}
